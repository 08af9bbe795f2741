"""The International Monetary Fund: trade in goods by partner (IMTS, formerly Direction of Trade Statistics).

The IMF collects each economy's reported trade with each other economy, by month and year, and fills gaps with its
staff's estimates (`derivation_type`). Exports are FOB and imports CIF, in whole US$, totals only. Most economies report
a month within three months; the IMF adds figures each month and revises years.

The API is SDMX 2.1 and needs no key. Responses are structure-specific SDMX-ML, with an attribute for each dimension. An
incomplete response does not parse, because its closing tag is missing. A query names every reporter, indicator and
partner, because an open query would also return groups of economies as partners. For an unknown code the service sends
a response without observations. `warehouse/corrections` lists months whose figures are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.settings import FirstYear, Frequencies, Frequency, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api, read_dataset
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import check_fields, check_status, parse_day, parse_json, parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element


IMTS = read_dataset("imf/imts")
# The position of the value in a row.
VALUE = IMTS.column_names.index("value_usd")
INDICATORS = ("XG_FOB_USD", "MG_CIF_USD")
# The statuses that SDMX gives to observations without a value.
MISSING = frozenset({"H", "L", "M", "O", "Q"})

_SERIES = ("COUNTRY", "INDICATOR", "COUNTERPART_COUNTRY", "FREQUENCY")
_SERIES_KNOWN = (
    *("DECIMALS_DISPLAYED", "FULL_DESCRIPTION", "IFS_FLAG", "KEY_INDICATOR", "METHODOLOGY", "METHODOLOGY_NOTES"),
    *("OVERLAP", "PRECISION", "SCALE", "SERIES_NAME", "SOURCE", "TOPIC", "TRADE_FLOW", "UNIT", "UNIT_MEASURE"),
    "VALUATION",
)
_OBSERVATION_KNOWN = (
    *("TIME_PERIOD", "OBS_VALUE", "DERIVATION_TYPE", "STATUS", "ACCESS_SHARING_LEVEL"),
    *("DECIMALS_DISPLAYED", "PRECISION", "SECURITY_CLASSIFICATION"),
)
# SDMX 2.1's error code for an empty result, and its codes for temporary failures.
_NO_RESULTS = "100"
_PASSING = frozenset({"500", "503"})


def find_imf_code(settings: Settings, economy: str) -> str:
    """Return the IMF's code of an economy, which is its ISO 3166 code with a few exceptions."""
    return (*settings.list_names("imf_code", economy), economy)[0]


@dataclass(frozen=True, kw_only=True)
class Imf(SourceSettings):
    """International Monetary Fund, International Trade in Goods by partner (IMTS)."""

    frequencies: Frequencies = ("A", "M")
    first_year: FirstYear = 1990


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan one request for each reporter and frequency.

    For an economy of a pair, the partners are those of its pairs, those in the setting `donors`, and the world. For an
    economy in `donors`, they are the economies of the pairs and the world. With the setting `world`, every economy is
    a partner. `subject` names the partners, so after a partner is added, all years are requested again.
    """
    for frequency in settings.get_source_settings(Imf).frequencies:
        for reporter in settings.economies:
            yield _build_request(settings, window, reporter, _list_partners(settings, reporter), frequency)


def _list_partners(settings: Settings, reporter: str) -> tuple[str, ...]:
    if settings.world:
        return (*(economy for economy in settings.everyone if economy != reporter), "WLD")
    return settings.list_partners(reporter) if reporter in settings.reporters else (*settings.reporters, "WLD")


def _build_request(
    settings: Settings, window: Window, reporter: str, partners: tuple[str, ...], frequency: Frequency
) -> Request:
    subject = f"{reporter}-{'everyone' if settings.world else '+'.join(partners)} {frequency}"
    first, last = window(subject)
    form = "%Y" if frequency == "A" else "%Y-%m"
    periods = (first.strftime(form), last.strftime(form))
    asked, *codes = (find_imf_code(settings, economy) for economy in (reporter, *partners))
    return Request(
        dataset=IMTS.path,
        path=f"/data/IMF.STA,IMTS/{asked}.{'+'.join(INDICATORS)}.{'+'.join(codes)}.{frequency}",
        subject=subject,
        query=(("startPeriod", periods[0]), ("endPeriod", periods[1])),
        accept="application/vnd.sdmx.structurespecificdata+xml;version=2.1",
        only={
            "reporter_code": (asked,),
            "partner_code": tuple(codes),
            "indicator_code": INDICATORS,
            "frequency": (frequency,),
        },
        periods=periods,
        period_column="period",
    )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse an SDMX-ML message into one row for each observation.

    Raises:
        Unusable: Of the kind `nothing` for a message without observations; `refused` for a message that the service cut
            short (it has a footer), that has another form, or that lacks a dimension.
    """
    _check_status(response)
    root = parse_xml(response)
    if _strip_namespace(root) == "Error":
        raise _read_error(root)
    if _strip_namespace(root) != "StructureSpecificData":
        raise Unusable("refused", f"expected an SDMX message StructureSpecificData, got {_strip_namespace(root)}")
    footers = [child for child in root.iterchildren("*") if _strip_namespace(child) == "Footer"]
    if footers:
        raise Unusable("refused", f"the IMF says that the response is incomplete: {_join_texts(footers[0])}")
    datasets = [child for child in root.iterchildren("*") if _strip_namespace(child) == "DataSet"]
    if len(datasets) != 1:
        raise Unusable("refused", f"expected one data set in the message, got {len(datasets)}")
    rows, notes = _read_rows(datasets[0])
    if not any(row[VALUE] for row in rows):
        raise Unusable("nothing", f"the IMF has no observations for {request.subject}")
    updated = datasets[0].get("UPDATE_DATE") or datasets[0].get("PUBLICATION_DATE") or ""
    return ParsedResponse(rows, published_at=parse_day(updated[:10]), notes=notes)


def _check_status(response: Response) -> None:
    if response.status == 204:
        raise Unusable("nothing", "the IMF has no such data flow or no content for it (HTTP 204)")
    if response.status == 403:
        # The service needs no key: HTTP 403 means that its gateway blocks an address, or too many requests at once.
        raise Unusable("quota", "the IMF's gateway blocks this address for now (HTTP 403)")
    if response.status in {400, 404}:
        _raise_message(response)
    check_status(response)


def _raise_message(response: Response) -> None:
    """Raise `Unusable` with the error message of the service, if the body has one, in JSON or in SDMX."""
    if response.content.lstrip().startswith(b"<"):
        root = parse_xml(response)
        if _strip_namespace(root) == "Error":
            raise _read_error(root)
        return
    try:
        said = str(parse_json(response)["message"])
    except (Unusable, TypeError, KeyError):
        return
    raise Unusable("refused", f"the IMF says (HTTP {response.status}): {said}")


def _read_error(root: _Element) -> Unusable:
    number = next(
        (element.get("code", "") for element in root.iter() if _strip_namespace(element) == "ErrorMessage"), ""
    )
    said = f"the IMF says (SDMX error {number}): {_join_texts(root)}"
    if number == _NO_RESULTS:
        return Unusable("nothing", said)
    return Unusable("again" if number in _PASSING else "refused", said)


def _read_rows(dataset: _Element) -> tuple[list[tuple[str | None, ...]], tuple[str, ...]]:
    rows: list[tuple[str | None, ...]] = []
    # The sets of attributes, each of which thousands of elements have.
    of_series: set[frozenset[str]] = set()
    of_values: set[frozenset[str]] = set()
    of_placeholders: set[frozenset[str]] = set()
    for series in dataset.iterchildren("*"):
        if _strip_namespace(series) == "Group":
            continue
        if _strip_namespace(series) != "Series":
            raise Unusable("refused", f"expected series of observations, got an element {_strip_namespace(series)}")
        of_series.add(_list_attributes(series))
        reporter, indicator, partner, frequency = (series.get(name) for name in _SERIES)
        for observation in series.iterchildren("*"):
            status, fields = observation.get("STATUS") or None, _list_attributes(observation)
            # An observation without a value is a placeholder. An unknown attribute in it may be the value, renamed.
            is_bare = "OBS_VALUE" not in fields and fields.issubset(_OBSERVATION_KNOWN)
            (of_placeholders if status in MISSING or is_bare else of_values).add(fields)
            value = observation.get("OBS_VALUE")
            rows.append(
                (
                    reporter,
                    partner,
                    indicator,
                    frequency,
                    # SDMX writes a month as YYYY-Mmm.
                    observation.get("TIME_PERIOD", "").replace("-M", "-"),
                    None if value in {None, "", "NaN"} else value,
                    observation.get("DERIVATION_TYPE") or None,
                    status,
                )
            )
    notes = (
        *check_fields(of_series, _SERIES, _SERIES_KNOWN),
        *check_fields(of_values, ("TIME_PERIOD", "OBS_VALUE"), _OBSERVATION_KNOWN),
        *check_fields(of_placeholders, ("TIME_PERIOD",), _OBSERVATION_KNOWN),
    )
    return rows, tuple(dict.fromkeys(notes))


def _list_attributes(element: _Element) -> frozenset[str]:
    """List the names of an element's attributes that have no namespace."""
    return frozenset(str(name) for name in element.attrib if name[0] != "{")


def _strip_namespace(element: _Element) -> str:
    # Elements of series may have a namespace or none.
    return str(element.tag).rpartition("}")[2]


def _join_texts(element: _Element) -> str:
    return " ".join("".join(str(text) for text in element.itertext()).split())


API = read_api("imf", settings=Imf, plan=plan_requests, read=read_response)
