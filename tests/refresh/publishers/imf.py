"""The IMF's trade in goods by partner, as its SDMX 2.1 service answers: Laos' exports of 2019.

The figures are the IMF's own (data set updated on 2026-08-31): US$2,406.8m to Thailand, 1,672.3m to China, 1,054.9m to
Viet Nam and 5,809.3m to the world.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.refresh.publisher import Publisher, Scenario, common_scenarios

XML = "application/vnd.sdmx.structurespecificdata+xml;version=2.1"
EXPORTS = {
    ("LAO", "XG_FOB_USD", "THA", "A"): {"2019": "2406848899"},
    ("LAO", "XG_FOB_USD", "CHN", "A"): {"2019": "1672284904"},
    ("LAO", "XG_FOB_USD", "VNM", "A"): {"2019": "1054899677"},
    ("LAO", "XG_FOB_USD", "G001", "A"): {"2019": "5809346166"},
}
_START = """<?xml version='1.0' encoding='UTF-8'?><message:StructureSpecificData \
xmlns:ss="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/structurespecific" \
xmlns:footer="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer" \
xmlns:ns1="urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.STA:IMTS(1.0.0):ObsLevelDim:TIME_PERIOD" \
xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" \
xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><message:Header><message:ID>DS1788345657752</message:ID>\
<message:Test>false</message:Test><message:Prepared>2026-09-02T10:40:57Z</message:Prepared>\
<message:Sender id="IMF"/><message:Structure structureID="IMF.STA_IMTS_1_0_0" \
namespace="urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.STA:IMTS(1.0.0):ObsLevelDim:TIME_PERIOD" \
dimensionAtObservation="TIME_PERIOD"><common:StructureUsage><Ref agencyID="IMF.STA" id="IMTS" version="1.0.0"/>\
</common:StructureUsage></message:Structure><message:DataSetAction>Replace</message:DataSetAction></message:Header>\
<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="IMF.STA_IMTS_1_0_0" \
action="Replace" LANGUAGE="EN" PUBLISHER="IMF" UPDATE_DATE="2026-08-31T16:29:47.313617200Z" \
PUBLICATION_DATE="2026-08-31T16:29:47.259745500Z" DEPARTMENT="STA"><Group xsi:type="ns1:GROUP_INDICATOR" \
INDICATOR="XG_FOB_USD" SERIES_NAME="Exports of goods, Free on board (FOB), US dollar" UNIT="USD" TRADE_FLOW="XG"/>"""
_END = "</message:DataSet></message:StructureSpecificData>"
_FOOTER = (
    '<footer:Footer><footer:Message code="510" severity="Warning"><common:Text>Response size exceeds service limit'
    "</common:Text></footer:Message></footer:Footer>"
)


def message(
    series: Mapping[tuple[str, str, str, str], Mapping[str, str]], attributes: str = 'DERIVATION_TYPE="M"'
) -> bytes:
    """Write a message of the service, from values by period for each reporter, indicator, partner and frequency."""
    parts = [_START]
    for (reporter, indicator, partner, frequency), values in series.items():
        parts.append(
            f'<Series COUNTRY="{reporter}" INDICATOR="{indicator}" COUNTERPART_COUNTRY="{partner}" '
            f'FREQUENCY="{frequency}" OVERLAP="OL" SCALE="6" METHODOLOGY="IMTS">'
        )
        parts += [f'<Obs TIME_PERIOD="{period}" OBS_VALUE="{value}" {attributes}/>' for period, value in values.items()]
        parts.append("</Series>")
    return "".join([*parts, _END]).encode()


def error(code: str, text: str) -> bytes:
    """Write an error in SDMX's own form."""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>"
        '<message:Error xmlns:message="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
        'xmlns:common="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common">'
        f'<message:ErrorMessage code="{code}"><common:Text>{text}</common:Text></message:ErrorMessage></message:Error>'
    ).encode()


RIGHT = message(EXPORTS)
HTML = b"<!DOCTYPE html><html><body>Service Unavailable</body></html>"
# The service's answer to a partner that it has no figures for: the series, without observations.
EMPTY = message({("LAO", "XG_FOB_USD", "ABW", "A"): {}})

PUBLISHERS = [
    Publisher(
        dataset="imf/imts",
        subject="LAO-THA+CHN+VNM+WLD A",
        configuration="""pairs = ["LAO-THA"]
donors = ["CHN", "VNM"]

[imf]
frequencies = ["A"]
first_year = 1990
""",
        first="2019-01-01",
        last="2019-12-31",
        url="/data/IMF.STA,IMTS/LAO.XG_FOB_USD+MG_CIF_USD.THA+CHN+VNM+G001.A?startPeriod=2019&endPeriod=2019",
        right=RIGHT,
        revised=RIGHT.replace(b"2406848899", b"2406900000"),
        media_type=XML,
        scenarios={
            **common_scenarios(RIGHT, "XML"),
            "no_data": Scenario(message({}), "nothing", "a data set without series: a code is unknown"),
            "no_observations": Scenario(EMPTY, "nothing", "series without observations"),
            "no_content": Scenario(b"", "nothing", "HTTP 204: an unknown data flow", status=204),
            "no_results": Scenario(error("100", "No results found"), "nothing", "SDMX error 100", status=404),
            "capped": Scenario(
                RIGHT.replace(
                    b"</message:StructureSpecificData>", f"{_FOOTER}</message:StructureSpecificData>".encode()
                ),
                "refused",
                "a footer that says the response is not whole",
            ),
            "wrong_economy": Scenario(RIGHT.replace(b'COUNTRY="LAO"', b'COUNTRY="KHM"'), "refused", "another reporter"),
            "wrong_period": Scenario(
                RIGHT.replace(b'TIME_PERIOD="2019"', b'TIME_PERIOD="2031"'), "refused", "another year"
            ),
            "new_field": Scenario(
                message(EXPORTS, 'DERIVATION_TYPE="M" CONF_STATUS="F"'), "accepted", "a new attribute"
            ),
            "missing_field": Scenario(RIGHT.replace(b' FREQUENCY="A"', b""), "refused", "series without a dimension"),
            "renamed_field": Scenario(RIGHT.replace(b"OBS_VALUE=", b"VALUE="), "refused", "the value has another name"),
            "thousandfold": Scenario(
                message({key: {p: f"{v}000" for p, v in values.items()} for key, values in EXPORTS.items()}),
                "refused",
                "each value a thousand times what it was",
            ),
            "other_form": Scenario(
                RIGHT.replace(b"StructureSpecificData", b"GenericData"), "refused", "another form of SDMX"
            ),
            "unknown_flow": Scenario(
                b'{"status":404,"code":40400,"message":"No such dataflow found: IMF.STA:IMTS"}',
                "refused",
                "an unknown data flow, as JSON",
                status=404,
            ),
            "turned_away": Scenario(
                HTML, "quota", "the gateway refuses the address", status=403, media_type="text/html"
            ),
        },
    )
]
