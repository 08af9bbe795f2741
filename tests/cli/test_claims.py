"""Claims are listed with what was left out, shown with the SQL to paste, checked, and registered."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import duckdb
import pytest

from dagster_project.claims import register
from dagster_project.project import Project
from tests.claims.test_build import TO_JAPAN
from tests.cli.test_commands import run


def test_claims_are_listed_with_their_coverage(built: Project) -> None:
    registered = [claim for _, claim in register.claims(register.read(built.claims))]
    said = run(built, "claims")
    for claim in registered:
        assert claim.claim_id in said
    covered = re.search(r"(\d+) of (\d+) registered claims supported", said)
    assert covered is not None
    rows = json.loads(run(built, "claims", "--format", "json"))
    supported = [row for row in rows if row["verdict"] in {"supported", "supported_rounded"}]
    assert (int(covered[1]), int(covered[2])) == (len(supported), len(registered))
    assert [row["claim_id"] for row in csv.DictReader(io.StringIO(run(built, "claims", "-f", "csv")))] == [
        row["claim_id"] for row in rows
    ]


def test_a_list_may_be_narrowed_and_still_says_of_how_many(built: Project) -> None:
    rows = json.loads(run(built, "claims", "--verdict", "supported_rounded", "--format", "json"))
    assert rows
    assert {row["verdict"] for row in rows} == {"supported_rounded"}
    assert "registered claims supported" in run(built, "claims", "--verdict", "not_checkable")
    assert "There is no verdict true" in run(built, "claims", "--verdict", "true", code=1)
    assert "No claim of nobody is registered" in run(built, "claims", "--publication", "nobody", code=1)


def test_a_claim_is_shown_with_sql_that_gives_its_value(built: Project) -> None:
    rows = json.loads(run(built, "claims", "--format", "json"))
    row = next(row for row in rows if row["observed_value"] is not None and row["alternate_reporter_text"] is not None)
    said = run(built, "claims", "show", row["claim_id"])
    assert row["statement"] in said
    assert row["reason"] in said
    evidence = re.search(r"^Evidence\n(.*?);\n", said, re.DOTALL | re.MULTILINE)
    assert evidence is not None
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        assert connection.execute(evidence[1]).fetchone() == pytest.approx((row["observed_value"],), rel=1e-11)
    shown = json.loads(run(built, "claims", "show", row["claim_id"], "--format", "json"))[0]
    assert shown["evidence_sql"] == evidence[1]
    assert "Did you mean" in run(built, "claims", "show", row["claim_id"][:-1], code=1)


def test_what_was_asked_of_then_is_printed_for_those_who_ask(built: Project) -> None:
    row = json.loads(run(built, "claims", "show", "surplus_2018_record", "--format", "json"))[0]
    then = row["evidence_then_sql"]
    assert then
    said = run(built, "claims", "show", "surplus_2018_record")
    assert then not in said
    assert "--sql prints what was asked" in said
    assert f"{then};\n" in run(built, "claims", "show", "surplus_2018_record", "--sql")


def test_what_stands_beside_a_claim_is_shown_with_its_sql(built: Project) -> None:
    said = run(built, "claims", "show", "institute_deficit_2023")
    assert re.search(r"^second reading +UN Comtrade: −US\$18\.198bn", said, re.MULTILINE)
    remarked = run(built, "claims", "show", "structural_deficit")
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        # Exports of 124,655,567,747 less imports of 142,853,875,178, as UN Comtrade has them; and the last whole year.
        for text, heading, value in (
            (said, "By UN Comtrade", -18_198_307_431.0),
            (remarked, "Told beside the verdict", 2025),
        ):
            sql = re.search(rf"^{heading}\n(.*?);\n", text, re.DOTALL | re.MULTILINE)
            assert sql is not None
            assert connection.execute(sql[1]).fetchone() == (value,)


def test_a_register_of_ones_own_is_checked(built: Project, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(TO_JAPAN)
    said = run(built, "claims", "check", str(mine))
    assert "1 of 1 claims of this file supported" in said
    # A contradicted claim is an answer.
    mine.write_text(TO_JAPAN.replace("claimed_value: 30.0", "claimed_value: 40.0"))
    assert "0 of 1 claims of this file supported; 1 contradicted" in run(built, "claims", "check", str(mine))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("max(exports_usd)", "max(exports_yen)", "mine.yml: claim exports_to_japan_2021: evidence: it fails: Binder"),
        ("max(exports_usd)", "max(30062e6)", "mine.yml: claim exports_to_japan_2021: evidence: its answer is the same"),
        ("max(exports_usd)", "getenv('HOME')", "mine.yml: claim exports_to_japan_2021: evidence: it calls getenv"),
        ("marts.trade_balance_annual", "'/etc/passwd'", "mine.yml: claim exports_to_japan_2021: evidence: it reads"),
        ("and year = 2021", "and year > 2020", None),
        ("claimed_value: 30.0", "claimed_value: much", "mine.yml: claim exports_to_japan_2021: at_least compares"),
        ("comparator: at_least", "comparator: more", "mine.yml: claim exports_to_japan_2021: comparator"),
        ("publisher: Me", "publisher: [", "mine.yml is not YAML"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(
    built: Project, tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    mine = tmp_path / "mine.yml"
    text = TO_JAPAN.replace(old, new)
    assert text != TO_JAPAN
    mine.write_text(text)
    complaint = run(built, "claims", "check", str(mine), code=0 if said is None else 1)
    if said is not None:
        assert said in complaint
        assert len(complaint.strip().splitlines()) == 1


def test_a_claim_is_registered_with_options(warehouse: Project) -> None:
    words = [
        "claims", "new", "--publication", "mine", "--title", "Korea and Japan: exports", "--publisher", "Me",
        "--published-on", "2026-11", "--id", "exports_to_japan_2021", "--statement", "Exports passed US$30 billion.",
        "--metric", "goods_exports", "--reporter", "South Korea", "--partner", "japan", "--start", "2021-01-01",
        "--end", "2021-12-31", "--period-type", "annual", "--comparator", "at_least", "--value", "30.0",
        "--unit", "USD", "--scale", "billion", "--evidence", "-",
    ]  # fmt: skip
    sql = (
        "select max(exports_usd)\nfrom marts.trade_balance_annual\n"
        "where reporter_code = 'KOR' and partner_code = 'JPN' and year = 2021"
    )
    said = run(warehouse, *words, stdin=sql)
    assert "exports_to_japan_2021 is in" in said
    assert "supported" in said
    path = warehouse.claims / "mine.yml"
    (claim,) = register.parse(path.read_text(), "mine").claims
    assert (claim.claimed_value, claim.decimals, claim.factor) == (30.0, 1, 1e9)
    assert (claim.reporter, claim.partner) == ("KOR", "JPN")
    assert claim.evidence is not None
    assert claim.evidence.strip() == sql
    assert "evidence: |" in path.read_text()
    # A second one is added, and leaves what stood there.
    path.write_text(path.read_text().replace("publisher: Me", "publisher: Me  # and nobody else"))
    more = [*words, "--tolerance", "0.1", "--notes", "Twice."]
    more[more.index("exports_to_japan_2021")] = "again"
    run(warehouse, *more, stdin=sql)
    assert "# and nobody else" in path.read_text()
    assert [claim.claim_id for claim in register.parse(path.read_text(), "mine").claims] == [
        "exports_to_japan_2021",
        "again",
    ]
    # The same name twice, here or in another file, and evidence that fails, write nothing.
    before = path.read_text()
    other = ["other" if word == "mine" else word for word in words]
    taken = run(warehouse, *other, stdin=sql, code=1)
    assert "claims/other.yml and claims/mine.yml both have a claim exports_to_japan_2021" in taken
    assert not (warehouse.claims / "other.yml").exists()
    elsewhere = run(warehouse, *words, "--file", str(warehouse.claims / "other.yml"), stdin=sql, code=1)
    assert "claims/other.yml calls itself mine" in elsewhere
    assert "two claims are called again" in run(warehouse, *more, stdin=sql, code=1)
    more[more.index("again")] = "third"
    assert "evidence: it fails" in run(warehouse, *more, stdin="select max(absent) from core.economies", code=1)
    assert path.read_text() == before


def test_what_no_option_says_is_asked(warehouse: Project) -> None:
    typed = [
        "asked", "An article", "A paper", "2026-11", "deficit_2023_asked", "Korea had a deficit in 2023.",
        "goods_balance", "2023-01-01", "2023-12-31", "annual", "sign", "negative", "n",
        # The first evidence has a slip in it, and only that is asked for again.
        "select max(balance) from marts.trade_balance_annual", "",
        "select max(balance_usd) from marts.trade_balance_annual",
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2023", "",
    ]  # fmt: skip
    said = run(warehouse, "claims", "new", stdin="\n".join(typed) + "\n")
    assert "deficit_2023_asked is in" in said
    assert "supported" in said
    (claim,) = register.parse((warehouse.claims / "asked.yml").read_text(), "asked").claims
    assert (claim.comparator, claim.claimed_value, claim.names_reporter) == ("sign", "negative", False)
    typed = [
        "asked", "surplus_2018_asked", "Korea had a surplus of US$55.6bn in 2018.", "goods_balance",
        "2018-01-01", "2018-12-31", "annual", "equals", "55.6", "USD", "billion", "n",
        "select max(balance_usd) from marts.trade_balance_annual",
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2018", "",
    ]  # fmt: skip
    assert "supported_rounded" in run(warehouse, "claims", "new", stdin="\n".join(typed) + "\n")
