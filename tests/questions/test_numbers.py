"""A number in a sentence knows its value and its column."""

from __future__ import annotations

from dagster_project.questions import wording
from dagster_project.questions.numbers import is_rounded_apart
from tests.questions.test_wording import row_of


def test_numbers_know_their_columns_where_two_print_alike() -> None:
    row = row_of("year=2024 exports_usd=2e9 imports_usd=2.001e9 gap_usd=-1e6 from_pct=25.51 to_pct=25.53")
    template = """
    exports {{ held[0].exports_usd | usd }} and imports {{ held[0].imports_usd | usd }}, {{ -held[0].gap_usd | usd }} or
    {{ held[0].gap_usd | abs | usd }} apart, in {{ [held[0].year - 1, held[0].year] | listed }}, from
    {{ [held[0].from_pct, held[0].to_pct] | percents | join(" to ") }}: {{ held[0].gap_usd | balance }} of
    {{ (held[0].exports_usd + held[0].imports_usd) | usd }};
    """
    found = wording.write_sentences(template, [{**row, "is_answered": True}], {}, {})
    assert found == (
        "Exports US$2.00bn and imports US$2.00bn, US$1.00m or US$1.00m apart, in 2023 and 2024, from 25.51% to 25.53%: "
        "a deficit of US$1.00m of US$4.00bn."
    )
    assert "".join(one if isinstance(one, str) else one.text for one in found.pieces) == found
    assert found.parts == (found,)
    assert [(one.text, one.value, one.column) for one in found.pieces if not isinstance(one, str)] == [
        ("US$2.00bn", 2e9, "exports_usd"),
        ("US$2.00bn", 2.001e9, "imports_usd"),
        ("US$1.00m", -1e6, "gap_usd"),
        ("US$1.00m", -1e6, "gap_usd"),
        ("2023", 2023, "year - 1"),
        ("2024", 2024, "year"),
        ("25.51%", 25.51, "from_pct"),
        ("25.53%", 25.53, "to_pct"),
        ("US$1.00m", -1e6, "gap_usd"),
        ("US$4.00bn", 4.001e9, "exports_usd + imports_usd"),
    ]


def test_sentences_come_one_by_one_with_their_numbers() -> None:
    template = "in {{ held[0].year }} it rose; it fell by {{ held[0].gap_usd | usd }}, as U.S. figures say;"
    found = wording.write_sentences(template, [{**row_of("year=2024 gap_usd=2e6"), "is_answered": True}], {}, {})
    assert [str(one) for one in found.parts] == ["In 2024 it rose.", "It fell by US$2.00m, as U.S. figures say."]
    assert " ".join(found.parts) == found
    assert [one.value for one in found.parts[1].pieces if not isinstance(one, str)] == [2e6]


def test_rounded_flows_that_do_not_make_the_rounded_balance_are_seen() -> None:
    assert is_rounded_apart(17.474e9, 8.967e9, 8.507e9)
    assert not is_rounded_apart(17.47e9, 8.97e9, 8.5e9)
    assert not is_rounded_apart(1.5e9, 600e6, 900e6)
    # A balance in millions is compared with flows in billions.
    assert not is_rounded_apart(1.02e9, 1.871e9, -851.24e6)
    # Amounts below US$10,000 print whole.
    assert not is_rounded_apart(9000, 4000, 5000)
