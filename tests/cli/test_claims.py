"""Claims are listed with what was left out, shown with the SQL to paste, begun, and checked."""

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
from tests.claims.making_claims import NEWEST
from tests.claims.test_build import TO_JAPAN
from tests.cli.test_commands import run

# Published today, so that nothing is judged as of an earlier day.
MINE = TO_JAPAN.replace("2026-11-01", NEWEST)


def test_claims_are_listed_with_their_coverage(built: Project) -> None:
    registered = [claim for _, claim in register.list_claims(register.read_register(built.claims))]
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


@pytest.mark.long
def test_a_list_may_be_narrowed_and_still_says_of_how_many(built: Project) -> None:
    rows = json.loads(run(built, "claims", "--verdict", "supported_rounded", "--format", "json"))
    assert rows
    assert {row["verdict"] for row in rows} == {"supported_rounded"}
    assert "registered claims supported" in run(built, "claims", "--verdict", "not_checkable")
    assert "There is no verdict true" in run(built, "claims", "--verdict", "true", code=1)
    assert "No claim of nobody is registered" in run(built, "claims", "--article", "nobody", code=1)


@pytest.mark.long
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


@pytest.mark.long
def test_the_evidence_gives_what_was_known_then_if_it_is_asked_as_of_the_day(built: Project) -> None:
    # Revised since: 55.6 billion US$ are the figures of now, and 55.7 those of March 2023.
    row = json.loads(run(built, "claims", "show", "kita_surplus_2018", "--format", "json"))[0]
    assert f"bilateral query --as-of {row['as_of']}" in run(built, "claims", "show", "kita_surplus_2018")
    told = run(built, "query", row["evidence_sql"], "--as-of", row["as_of"], "--format", "csv").splitlines()
    assert float(told[1]) == row["observed_value_then"] != row["observed_value"]


@pytest.mark.long
def test_what_stands_beside_a_claim_is_shown_with_its_sql(built: Project) -> None:
    said = run(built, "claims", "show", "institute_deficit_2023")
    assert re.search(r"^second reading +UN Comtrade: −US\$18\.198bn", said, re.MULTILINE)
    remarked = run(built, "claims", "show", "structural_deficit")
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        # Exports of 124,655,567,747 less imports of 142,853,875,178, as UN Comtrade has them; and the last whole year.
        for text, heading, value in (
            (said, "By UN Comtrade", -18_198_307_431.0),
            (remarked, "Remarks", 2025),
        ):
            sql = re.search(rf"^{heading}\n(.*?);\n", text, re.DOTALL | re.MULTILINE)
            assert sql is not None
            assert connection.execute(sql[1]).fetchone() == (value,)


@pytest.mark.long
def test_a_register_of_ones_own_is_checked(built: Project, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(MINE)
    said = run(built, "claims", "check", str(mine))
    assert "1 of 1 claims of this file supported" in said
    # A contradicted claim is an answer.
    mine.write_text(MINE.replace("claimed_value: 30.0", "claimed_value: 40.0"))
    assert "0 of 1 claims of this file supported; 1 contradicted" in run(built, "claims", "check", str(mine))


@pytest.mark.long
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "max(exports_usd)",
            "max(exports_yen)",
            "mine.yml: claim exports_to_japan_2021: evidence: the SELECT fails: Binder",
        ),
        (
            "max(exports_usd)",
            "max(30062e6)",
            "mine.yml: claim exports_to_japan_2021: evidence: the answer of the SELECT does not depend",
        ),
        (
            "max(exports_usd)",
            "getenv('HOME')",
            "mine.yml: claim exports_to_japan_2021: evidence: the SELECT uses getenv",
        ),
        (
            "marts.trade_balance_annual",
            "'/etc/passwd'",
            "mine.yml: claim exports_to_japan_2021: evidence: the SELECT reads",
        ),
        ("and year = 2021", "and year > 2020", None),
        ("claimed_value: 30.0", "claimed_value: much", "mine.yml: claim exports_to_japan_2021: at_least needs"),
        ("comparator: at_least", "comparator: more", "mine.yml: claim exports_to_japan_2021: comparator"),
        ("publisher: Me", "publisher: [", "mine.yml is not YAML"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(
    built: Project, tmp_path: Path, old: str, new: str, said: str | None
) -> None:
    mine = tmp_path / "mine.yml"
    text = MINE.replace(old, new)
    assert text != MINE
    mine.write_text(text)
    complaint = run(built, "claims", "check", str(mine), code=0 if said is None else 1)
    if said is not None:
        assert said in complaint
        assert len(complaint.strip().splitlines()) == 1


def test_each_fault_of_a_file_is_a_line(built: Project, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(TO_JAPAN.replace("claimed_value: 30.0", "claimed_value: much").replace("publisher: Me", "by: Me"))
    *faults, remedy = run(built, "claims", "check", str(mine), code=1).removeprefix("✗ ").splitlines()
    assert faults == [
        f"{mine}: publisher: field required.",
        f"{mine}: claim exports_to_japan_2021: at_least needs a number as claimed_value, not 'much'.",
        f"{mine}: by: no such field exists.",
    ]
    assert remedy == "docs/claims.md lists the fields."


@pytest.mark.long
def test_a_new_file_is_a_register_that_an_editor_can_go_on_from(warehouse: Project) -> None:
    said = run(warehouse, "claims", "new", "mine_2026_01")
    path = warehouse.claims / "mine_2026_01.yml"
    assert f"{path} is written" in said
    text = path.read_text()
    # Its first line leads an editor to the form.
    (schema,) = re.findall(r"\A# yaml-language-server: \$schema=(.*)\n", text)
    assert (path.parent / schema).resolve() == warehouse.root / "docs" / register.SCHEMA_FILE
    assert "claims/mine_2026_01.yml still has examples of the template" in run(
        warehouse, "claims", "check", str(path), code=1
    )
    path.write_text(text.replace("Example: ", ""))
    checked = run(warehouse, "claims", "check", str(path))
    assert "2 of 3 claims of this file supported" in checked
    assert "1 not checkable" in checked
    path.write_text(text)
    # What somebody has written is never written over.
    assert "already exists" in run(warehouse, "claims", "new", "mine_2026_01", code=1)
    assert path.read_text() == text


@pytest.mark.long
def test_a_new_file_may_lie_anywhere_and_needs_a_name(built: Project, tmp_path: Path) -> None:
    mine = tmp_path / "drafts" / "mine.yml"
    run(built, "claims", "new", str(mine))
    mine.write_text(re.sub(r"(?m)^published_on: \S+", f"published_on: {NEWEST}", mine.read_text()))
    assert "2 of 3 claims" in run(built, "claims", "check", str(mine))
    # The ending is added where it is left out.
    run(built, "claims", "new", str(tmp_path / "drafts" / "other"))
    assert (tmp_path / "drafts" / "other.yml").exists()
    wrong = tmp_path / "My Paper.yml"
    assert "My Paper is not a valid article_id" in run(built, "claims", "new", str(wrong), code=1)
    assert not wrong.exists()


@pytest.mark.long
def test_a_file_of_the_register_is_checked_beside_the_others(warehouse: Project) -> None:
    for name in ("mine", "other"):
        run(warehouse, "claims", "new", name)
    mine, other = (warehouse.claims / f"{name}.yml" for name in ("mine", "other"))
    own = re.sub(r"(?m)^published_on: \S+", f"published_on: {NEWEST}", mine.read_text().replace("Example: ", ""))
    mine.write_text(own)
    other.write_text(own.replace("article_id: mine ", "article_id: other "))
    assert "claims/other.yml and claims/mine.yml both have a claim with the claim_id mine_balance_2018" in run(
        warehouse, "claims", "check", str(other), code=1
    )
    other.write_text(mine.read_text())
    assert "claims/other.yml has the article_id mine" in run(warehouse, "claims", "check", str(other), code=1)
