"""An answer becomes a file that programs and people read: plain CSV, whole JSON, and a workbook with its sources."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest
from lxml import etree

from dagster_project.cli import formats
from dagster_project.project import Project
from tests.cli.test_commands import run

SPREADSHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ODD = """
    select [1, 2] as numbers, {'a': 1.5, 'b': ['x']} as pair, 1e20 as large, 0.1 as small, true as is_so,
        date '2026-08-20' as day, null as nothing, ['a', null] as texts, 'nan'::double as no_number,
        12345678901234567890::hugeint as whole, -18039656000.0 as balance_usd, '=1+1' as formula, 'a, b' as comma,
        '-US$7.78bn' as printed, '-18.5' as said, '@SUM(A1)' as call, chr(9) || '=1' as tab, '+1%' as growth,
        '\uff1d1' as wide
"""


class Book:
    """A workbook as Excel reads it: its sheets by name, each a list of rows of values."""

    def __init__(self, path: Path) -> None:
        with ZipFile(path) as archive:
            texts = self._read(archive, "xl/sharedStrings.xml").iter(f"{SPREADSHEET}si")
            self.texts = ["".join(text.itertext()) for text in texts]
            formats = {
                one.get("numFmtId"): one.get("formatCode")
                for one in self._read(archive, "xl/styles.xml").iter(f"{SPREADSHEET}numFmt")
            }
            (cells,) = self._read(archive, "xl/styles.xml").iter(f"{SPREADSHEET}cellXfs")
            self.formats = [formats.get(one.get("numFmtId")) or one.get("numFmtId") for one in cells]
            self.quotes = [one.get("quotePrefix") == "1" for one in cells]
            names = [one.get("name") for one in self._read(archive, "xl/workbook.xml").iter(f"{SPREADSHEET}sheet")]
            files_of = [f"xl/worksheets/sheet{place}.xml" for place in range(1, len(names) + 1)]
            self.trees = {name: self._read(archive, file) for name, file in zip(names, files_of, strict=True)}

    @staticmethod
    def _read(archive: ZipFile, name: str) -> Any:
        return etree.fromstring(archive.read(name))

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        """Return the rows of a sheet by column name; a number comes with its format."""
        every = [
            {cell.get("r").rstrip("0123456789"): self._value(cell) for cell in row}
            for row in self.trees[sheet].iter(f"{SPREADSHEET}row")
        ]
        names = {letter: text for letter, (text, _) in every[0].items()}
        return [{names[letter]: value for letter, value in row.items()} for row in every[1:]]

    def quoted(self, sheet: str) -> dict[str, bool]:
        """Whether the texts of the first row are marked as texts, by the names of the header."""
        head, first, *_ = self.trees[sheet].iter(f"{SPREADSHEET}row")
        names = {cell.get("r").rstrip("0123456789"): self._value(cell)[0] for cell in head}
        return {names[cell.get("r").rstrip("0123456789")]: self.quotes[int(cell.get("s", "0"))] for cell in first}

    def _value(self, cell: Any) -> tuple[Any, Any]:
        value = cell.findtext(f"{SPREADSHEET}v")
        shown = self.formats[int(cell.get("s", "0"))]
        assert cell.find(f"{SPREADSHEET}f") is None, "a text is no formula"
        match cell.get("t"):
            case "s":
                return self.texts[int(value)], shown
            case "b":
                return value == "1", shown
            case _:
                return float(value), shown


@pytest.mark.long
def test_csv_has_plain_values(built: Project) -> None:
    ((first,),) = [list(csv.DictReader(io.StringIO(run(built, "query", ODD, "--format", "csv"))))]
    assert first == {
        "numbers": "1; 2",
        "pair": '{"a": 1.5, "b": ["x"]}',
        "large": "100000000000000000000",
        "small": "0.1",
        "is_so": "true",
        "day": "2026-08-20",
        "nothing": "",
        "texts": "a; ",
        "no_number": "",
        "whole": "12345678901234567890",
        "balance_usd": "-18039656000",
        # A spreadsheet would run these texts; numbers stay numbers, also those in texts.
        "formula": "'=1+1",
        "comma": "a, b",
        "printed": "'-US$7.78bn",
        "said": "-18.5",
        "call": "'@SUM(A1)",
        "tab": "'\t=1",
        "growth": "+1%",
        "wide": "'\uff1d1",
    }
    heading = run(built, "query", """select 1 as "=cmd|' /C calc'!A0" """, "--format", "csv").splitlines()[0]
    assert heading.strip('"').startswith("'=cmd")


def test_csv_and_json_of_an_answer_hold_the_figures_of_the_warehouse(built: Project) -> None:
    rows = list(csv.DictReader(io.StringIO(run(built, "ask", "balance", "KOR", "VNM", "--format", "csv"))))
    whole = json.loads(run(built, "ask", "balance", "--partner", "Vietnam", "--format", "json"))
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        held = connection.execute(
            "select year, balance_usd from marts.trade_balance_annual "
            "where reporter_code = 'KOR' and partner_code = 'VNM' and balance_usd is not null"
        ).fetchall()
    assert {int(row["year"]): float(row["balance_usd"]) for row in rows if row["balance_usd"]} == dict(held)
    assert {row["year"]: row["balance_usd"] for row in whole["rows"] if row["balance_usd"] is not None} == dict(held)
    assert whole["parameters"]["partner"] == "VNM"


def test_json_is_json_all_the_way_down(built: Project) -> None:
    (row,) = json.loads(run(built, "query", ODD, "--format", "json"))
    assert row["pair"] == {"a": 1.5, "b": ["x"]}
    assert row["texts"] == ["a", None]
    assert row["no_number"] is None
    (nested,) = json.loads(
        run(built, "query", "select [1.0, 'inf'::double] as a, {'b': 'nan'::double} as c", "-f", "json")
    )
    assert nested == {"a": [1.0, None], "c": {"b": None}}


def test_a_workbook_has_real_numbers_and_dates_and_the_sources(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "balance.xlsx"
    assert str(path) in run(built, "ask", "balance", "--from-year", "2022", "--output", str(path))
    book = Book(path)
    assert list(book.trees) == ["answer", "sources", "about", "figures"]
    answer = {row["Year"][0]: row for row in book.rows("answer")}
    assert answer[2023]["Balance (US$)"] == (-18_039_656_000.0, "#,##0")
    # Excel counts days from the last of 1899.
    assert answer[2023]["Known from"] == ((date(2025, 6, 19) - date(1899, 12, 30)).days, "yyyy-mm-dd")
    assert answer[2023]["Sign flipped"][0] is True
    # A note and a citation stand for the codes of what a row lacks, and for its snapshots.
    assert not {"is_answered", "missing_code", "snapshot_ids", "Answered", "Snapshot ids"} & {*answer[2023]}
    assert answer[2022]["Citation"][0] == "Source: Korea Customs Service"
    assert "Note" not in answer[2022]
    assert answer[2025]["Note"][0] == "Provisional."
    for column in book.trees["answer"].iter(f"{SPREADSHEET}col"):
        if int(column.get("min")) <= 4 <= int(column.get("max")):
            assert float(column.get("width")) >= len("-18,039,656,000")
            break
    else:
        pytest.fail("the balance has no width of its own")
    whole = json.loads(run(built, "ask", "balance", "--from-year", "2022", "--format", "json"))
    sources = book.rows("sources")
    assert {(row["Snapshot"][0], row["Citation"][0], row["Licence"][0]) for row in sources} == {
        (v["snapshot_id"], v["citation"], v["licence_name"]) for v in whole["vintages"]
    }
    assert all(row["Known from"][1] == "yyyy-mm-dd" for row in sources)
    about = {row["Subject"][0]: row["Text"][0] for row in book.rows("about")}
    assert about["answer"] == whole["answer"]
    assert about["Balance (US$)"].endswith("(balance_usd, US$)")
    assert about["source"].startswith("Sources: Korea Customs Service; ")
    figures = {(row["Year"][0], row["Column"][0]): row["Figure ID"][0] for row in book.rows("figures")}
    assert figures[2023, "Balance (US$)"] == "balance/KOR/CHN/2023@2025-06-19"


def test_a_row_that_lacks_figures_has_a_note_of_them(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "balance.xlsx"
    run(built, "ask", "balance", "--from-year", "2025", "--to-year", "2027", "--output", str(path))
    notes = {row["Year"][0]: row["Note"][0] for row in Book(path).rows("answer")}
    lacking = "No figures on South Korea's trade with China for 2026 and 2027 are available."
    assert (notes[2025], notes[2026]) == ("Provisional.", notes[2027])
    assert notes[2026].startswith(lacking)


def test_a_workbook_of_a_query_has_what_is_odd_as_text(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "odd.xlsx"
    run(built, "query", ODD, "-o", str(path))
    (row,) = Book(path).rows("answer")
    assert {name: value for name, (value, _) in row.items()} == {
        "numbers": "1; 2",
        "pair": '{"a": 1.5, "b": ["x"]}',
        "large": 1e20,
        "small": 0.1,
        "is_so": True,
        "day": 46254.0,
        "texts": "a; ",
        "whole": "12345678901234567890",
        "balance_usd": -18039656000.0,
        "formula": "=1+1",
        "comma": "a, b",
        "printed": "-US$7.78bn",
        "said": "-18.5",
        "call": "@SUM(A1)",
        "tab": "\t=1",
        "growth": "+1%",
        "wide": "\uff1d1",
    }
    # Whoever edits such a cell still has a text, as after an apostrophe.
    quoted = {name for name, style in Book(path).quoted("answer").items() if style}
    assert quoted == {"formula", "printed", "call", "tab", "wide"}
    assert list(Book(path).trees) == ["answer"]
    named = tmp_path / "named.xlsx"
    run(built, "query", "from marts.trade_balance_annual where year = 2023 limit 5", "-o", str(named))
    assert Book(named).rows("sources")


def test_a_moment_with_a_zone_is_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "moment.xlsx"
    formats.write_workbook(path, {"answer": (["at"], [[datetime(2026, 1, 1, 12, tzinfo=UTC)]])})
    ((row),) = Book(path).rows("answer")
    assert row["at"] == (46023.5, "yyyy-mm-dd hh:mm:ss")


def test_the_name_of_a_file_says_its_format(built: Project, tmp_path: Path) -> None:
    run(built, "ask", "3", "--output", str(tmp_path / "a.csv"))
    (row,) = csv.DictReader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8")))
    assert row["first_deficit_since"] == "1992"
    run(built, "query", "select 1 as one", "--output", str(tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == [{"one": 1}]


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["ask", "3", "--format", "xlsx"], "--format xlsx needs a file to write. Add --output answer.xlsx."),
        (["query", "select 1", "--format", "xlsx"], "--format xlsx needs a file to write."),
        (["ask", "3", "--output", "a.ods"], "a.ods has an unknown ending."),
        (["ask", "3", "--format", "csv", "--output", "a.xlsx"], "--format is csv, but a.xlsx ends in .xlsx."),
        (["ask", "3", "--output", "nowhere/a.csv"], "The folder nowhere does not exist."),
        (["ask", "3", "--chart", "a.svg"], "Question 3 (first_deficit_since) has no chart, because"),
        (
            ["ask", "0", "--chart", "a.pdf"],
            "The name a.pdf does not end in .svg or .png. Choose a name such as chart.svg.",
        ),
        (["ask", "0", "--chart", "nowhere/a.svg"], "The folder nowhere does not exist."),
        (["ask", "0", "South", "Korea", "China"], 'Quote a name of several words, such as "South Korea".'),
        (
            ["ask", "0", "Korea", "--reporter", "China"],
            "Given twice, as argument and as option: the reporter.",
        ),
        (["ask", "0", "Congo"], "Congo is ambiguous: COG (Congo (Brazzaville)) or COD (Congo (Kinshasa))."),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_no_file(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = run(built, *words, code=1)
    assert complaint in said
    assert len(said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_chart_stands_beside_the_answer(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "balance.svg"
    rows = run(built, "ask", "balance", "Korea", "Japan", "--chart", str(path), "--format", "csv")
    # Beside rows for a program nothing else is printed.
    assert next(csv.DictReader(io.StringIO(rows))).keys() >= {"year", "balance_usd"}
    assert "<title>South Korea ran a trade deficit with Japan every year" in path.read_text(encoding="utf-8")
    assert str(path) in run(built, "ask", "balance", "Korea", "Japan", "--chart", str(path))
