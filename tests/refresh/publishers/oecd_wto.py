"""BaTIS's bulk file at the OECD, cut down to Korea and China: the edition of December 2025.

Korea's exports of services in 2019, million US$: reported 103,838.9 to the world and 20,338.4 to China, balanced 89,096
to the world, are what the edition has. The other values only fill the form.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from tests.refresh.publisher import Publisher, Scenario

ZIP = "application/x-zip-compressed"
FILE = "OECD-WTO_BATIS_BPM6_December2025_bulk"
HEADER = (
    "Reporter,type_Reporter,Partner,type_Partner,Flow,Item_code,type_Item,Year,Reported_value,Final_value,Methodology,"
    "Balanced_value"
)
# A group as reporter and as partner, a part of an item, and a pair that nobody asked about stand among the rows.
LINES = (
    "KOR,c,W,g,EXP,S,s,2019,103838.9,103838.9,R_NAT,89096",
    "KOR,c,CHN,c,EXP,S,s,2019,20338.4,20338.4,R_NAT,18000.123456",
    "KOR,c,CHN,c,EXP,SC1,s,2019,,1.5,E2,1.4",
    "KOR,c,EU27_2020,g,EXP,S,s,2019,,9000,A,9000",
    "CHN,c,KOR,c,IMP,S,s,2019,,17000.5,E3,18000.123456",
    "W,g,KOR,c,EXP,S,s,2019,,100,A,100",
    "FRA,c,DEU,c,EXP,S,s,2019,1,1,R_OECD,1",
)


def table(lines: Iterable[str] = LINES, header: str = HEADER) -> bytes:
    """Write the CSV."""
    return "".join(f"{line}\r\n" for line in (header, *lines)).encode()


def packed(content: bytes, name: str = f"{FILE}.csv", *others: str) -> bytes:
    """Make a zip with the CSV and the code list beside it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, what in ((name, content), (f"{FILE}_codes.xlsx", b"PK"), *((other, content) for other in others)):
            archive.writestr(zipfile.ZipInfo(member, (2025, 12, 15, 0, 0, 0)), what, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


RIGHT = packed(table())
HTML = b"<!DOCTYPE html><html><head><title>404</title></head></html>"

PUBLISHERS = [
    Publisher(
        dataset="oecd_wto/batis",
        subject="KOR+CHN",
        configuration="""pairs = ["KOR-CHN"]

[oecd_wto]
enabled = true
""",
        first="1900-01-01",
        last="2026-09-20",
        url=f"/{FILE}.zip",
        right=RIGHT,
        revised=packed(table([line.replace(",89096", ",89100") for line in LINES])),
        media_type=ZIP,
        scenarios={
            "bom": Scenario(packed(b"\xef\xbb\xbf" + table()), "accepted", "a byte order mark in the CSV"),
            "plain": Scenario(table(), "accepted", "the CSV without a zip", media_type="text/csv"),
            "empty_body": Scenario(b"", "retried", "HTTP 200 and no body"),
            "html": Scenario(HTML, "retried", "a page of HTML with HTTP 200", media_type="text/html"),
            "truncated": Scenario(RIGHT[:-100], "retried", "a zip that ends in the middle"),
            "truncated_plain": Scenario(table()[:-12], "retried", "a CSV that ends in a line", media_type="text/csv"),
            "no_data": Scenario(packed(table([])), "nothing", "a header and no rows"),
            "wrong_economy": Scenario(packed(table(LINES[-1:])), "nothing", "rows of other pairs alone"),
            "new_field": Scenario(
                packed(table([f"{line},F" for line in LINES], f"{HEADER},Confidence")), "accepted", "a new column"
            ),
            "missing_field": Scenario(
                packed(table([line.rpartition(",")[0] for line in LINES], HEADER.rpartition(",")[0])),
                "refused",
                "no balanced values",
            ),
            "renamed_field": Scenario(
                packed(table(header=HEADER.replace("Methodology", "Final_value_methodology"))),
                "refused",
                "a column as the WTO's copy names it",
            ),
            "thousandfold": Scenario(
                packed(
                    table(
                        [
                            "KOR,c,W,g,EXP,S,s,2019,103838900,103838900,R_NAT,89096000",
                            "KOR,c,CHN,c,EXP,S,s,2019,20338400,20338400,R_NAT,18000123.456",
                            "CHN,c,KOR,c,IMP,S,s,2019,,17000500,E3,18000123.456",
                        ]
                    )
                ),
                "refused",
                "thousands instead of millions",
            ),
            "two_files": Scenario(
                packed(table(), f"{FILE}.csv", "OECD-WTO_BATIS_data.csv"), "refused", "two CSVs in the zip"
            ),
            "moved": Scenario(
                HTML, "refused", "HTTP 404: a new edition has a new name", status=404, media_type="text/html"
            ),
        },
        impossible={
            "capped": "The file is whole or its zip is broken; there is no limit of rows.",
            "wrong_period": "The file is taken whole: no period is asked for.",
        },
    )
]
