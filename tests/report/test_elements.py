"""A table prints its headings and cells by the units of its columns."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

from dagster_project.report.elements import Column, Table, link_csv

YEAR, VALUE, WORD = Column("year", "Year", "year"), Column("value", "Balance", "US$"), Column("word", "Signs agree")
TABLE = Table("balance", "The balance", (YEAR, VALUE, WORD), [{"year": 2023, "value": -18.04e9, "word": True}])


def test_amounts_are_printed_in_the_unit_of_their_heading() -> None:
    assert [TABLE.print_heading(column) for column in TABLE.columns] == ["Year", "Balance (US$ billion)", "Signs agree"]
    assert TABLE.print_cell(VALUE, -18.04e9) == "−18.04"


def test_what_is_no_number_is_printed_in_words() -> None:
    printed = [TABLE.print_cell(WORD, value) for value in (True, False, None, date(2023, 3, 1), "imf")]
    assert printed == ["yes", "no", "–", "2023-03-01", "imf"]
    assert TABLE.print_cell(YEAR, 2023) == "2023"


def test_texts_of_a_download_cannot_run_and_numbers_stay() -> None:
    link = unquote(link_csv(["what", "value"], [["=1+1", -1.5e-7], ["-18", -18.04e9]]))
    assert link.endswith(",what,value\n'=1+1,-1.5e-07\n-18,-18040000000.0\n")
