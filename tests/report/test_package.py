"""A package has all rows that may be redistributed and no others, and says how to fetch the rest."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import snapshots
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.report import package
from dagster_project.sources import list_sources
from tests.cli.test_commands import run

# One process writes the package.
pytestmark = pytest.mark.long

# The sources whose terms forbid it, or say nothing, told by other means than the package's.
NOT_PASSED_ON = {"comtrade", "wits", "gacc", "pboc"}


@pytest.fixture(scope="module")
def exported(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "package"
    package.write_package(built, Catalog(built).models, folder)
    return folder


@pytest.fixture(scope="module")
def content(exported: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((exported / "datapackage.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def withheld(published: duckdb.DuckDBPyConnection) -> set[str]:
    """List the snapshots that may not be redistributed."""
    return {
        name
        for name, source in published.execute("select snapshot_id, source from meta.snapshots").fetchall()
        if source in NOT_PASSED_ON
    }


def test_every_file_and_column_is_described(exported: Path, content: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", content["created"])
    fields = [field for resource in content["resources"] for field in resource["schema"]["fields"]]
    assert all(field["description"] and field["unit"] for field in fields)
    assert {field["type"] for field in fields} <= {"string", "number", "integer", "boolean", "date", "array"}
    names = [resource["name"] for resource in content["resources"]]
    assert len(set(names)) == len(names) > 50
    for resource in content["resources"]:
        for one in (resource, resource["parquet"]):
            data = (exported / one["path"]).read_bytes()
            assert len(data) == one["bytes"]
            assert f"sha256:{hashlib.sha256(data).hexdigest()}" == one["hash"]
    there = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    listed = {one["path"] for resource in content["resources"] for one in (resource, resource["parquet"])}
    assert there == listed | {"datapackage.json", "README.md"}


def test_it_is_a_data_package_whose_values_read_as_they_are_declared(exported: Path) -> None:
    import frictionless

    # Each row takes frictionless some 0.1 ms; DuckDB has read all of them.
    report = frictionless.validate(str(exported / "datapackage.json"), limit_rows=2_000)
    assert report.valid, report.flatten(["name", "type", "note"])[:5]


def of_csv(path: Path, fields: Sequence[Mapping[str, str]]) -> str:
    """Write the SQL that reads a CSV file with the types that the package declares, without the guards of formulas."""
    types = {"number": "double", "integer": "bigint", "boolean": "boolean", "date": "date"}
    columns = ", ".join(f"'{field['name']}': '{types.get(field['type'], 'varchar')}'" for field in fields)
    forms = {
        "array": """from_json({0}, '["varchar"]') as {0}""",
        "string": r"""regexp_replace({0}, '^''([-=+@])', '\1') as {0}""",
    }
    parsed = ", ".join(forms[field["type"]].format(field["name"]) for field in fields if field["type"] in forms)
    return f"(select * replace ({parsed}) from read_csv('{path}', header = true, columns = {{{columns}}}))"


def test_both_forms_have_the_rows_of_the_table(
    exported: Path,
    content: dict[str, Any],
    published: duckdb.DuckDBPyConnection,
    withheld: set[str],
) -> None:
    files = duckdb.connect()
    for resource in content["resources"]:
        path, fields = exported / resource["path"], resource["schema"]["fields"]
        names = [field["name"] for field in fields]
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            assert next(rows) == names
            count = sum(1 for _ in rows)
        keys = ", ".join(resource["schema"]["primaryKey"])
        parquet = str(exported / resource["parquet"]["path"])
        same = f"select {', '.join(names)} from read_parquet('{parquet}') except all from {of_csv(path, fields)}"
        assert files.execute(same).fetchall() == [], resource["title"]
        ((rows_there, keys_there),) = files.execute(
            f"select count(*), count(distinct ({keys})) from read_parquet($path)", {"path": parquet}
        ).fetchall()
        assert count == rows_there == keys_there == resource["rows"], resource["title"]
        named = [name for name in names if "snapshot_id" in name]
        chosen = f"select {', '.join(named) or 'null'} from read_parquet($path)"
        every = files.execute(chosen, {"path": parquet}).fetchall()
        ids = {one for row in every for cell in row for one in (cell if isinstance(cell, list) else [cell]) if one}
        if resource["title"] != package.BESIDE:
            assert not ids & withheld, resource["title"]
            # And none is lost that may be passed on.
            whole = published.execute(f"select {', '.join(named) or '1'} from {resource['title']}").fetchall()
            free = [
                row
                for row in whole
                if not named
                or not {one for cell in row for one in (cell if isinstance(cell, list) else [cell])} & withheld
            ]
            assert len(free) == resource["rows"], resource["title"]
            assert {source["name"] for source in resource.get("sources", ())} == ids


def test_what_is_left_out_is_named_with_how_to_fetch_it(
    content: dict[str, Any], exported: Path, published: duckdb.DuckDBPyConnection
) -> None:
    datasets = {one["dataset"]: one for one in content["left_out"] if "dataset" in one}
    assert {name.partition("/")[0] for name in datasets} == NOT_PASSED_ON
    assert "`bilateral refresh comtrade`" in datasets["comtrade/goods_annual"]["how"]
    # Of several snapshots, so that the rows of each have to be added up.
    for table in ("core.goods_trade_observations", "marts.trade_balance_annual"):
        column = "snapshot_id" if table.startswith("core") else "snapshot_ids"
        every = published.execute(f"select cast({column} as varchar) from {table}").fetchall()
        found = sum("comtrade/goods_annual/" in named for (named,) in every)
        assert datasets["comtrade/goods_annual"]["rows"][table] == found > 0
    tables = {one["table"] for one in content["left_out"] if "table" in one}
    assert {"core.goods_trade_coverage", "marts.agreement_effects"} <= tables
    # These name the snapshot of the event, and are worked out of figures that they do not name.
    assert {"marts.policy_event_effects", "marts.policy_event_sensitivity"} <= tables
    assert not tables & {resource["title"] for resource in content["resources"]}
    told = (exported / "README.md").read_text(encoding="utf-8")
    for name in (*datasets, *tables):
        assert f"`{name}`" in told
    # A source that may not be passed on is no source of the package, nor are its terms.
    assert not {source["name"].split("/")[0] for source in content["sources"]} & NOT_PASSED_ON
    assert {licence["title"] for licence in content["licenses"]} <= set(package.load_terms())


def test_every_terms_are_known(built: Project) -> None:
    named = {one.manifest.licence.name for found in snapshots.find_all_snapshots(built).values() for one in found}
    named |= {source.api.licence[0] for source in list_sources() if source.api is not None}
    assert named == set(package.load_terms())
    for name, one in package.load_terms().items():
        assert one["is_passed_on"] or len(one["why"]) > 20, name


def test_checks_go_with_their_table(content: dict[str, Any], published: duckdb.DuckDBPyConnection) -> None:
    held = dict(
        published.execute(
            "select table_name, count(*) filter (where status = 'passed') from meta.checks group by all"
        ).fetchall()
    )
    for resource in content["resources"]:
        assert resource["checks"]["held"] == held.get(resource["title"], 0)
    failed = [check for resource in content["resources"] for check in resource["checks"]["failed"]]
    assert failed
    assert all(check["notes"] for check in failed)


def test_an_earlier_package_is_replaced_and_nothing_else_is(built: Project, tmp_path: Path) -> None:
    found = Catalog(built).models
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(BilateralError, match="is neither empty nor"):
        package.write_package(built, found, mine)
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    assert "is neither empty nor" in run(built, "export", str(mine), code=1)
    told = run(built, "export", str(tmp_path / "package"), "--pair", "Korea", "China")
    assert "Left out" in told
    assert "comtrade/goods_annual" in told
    (tmp_path / "package" / "stale.csv").touch()
    package.write_package(built, found, tmp_path / "package", ("KOR", "CHN"))
    assert not (tmp_path / "package" / "stale.csv").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "package"]


def test_a_package_of_a_pair_has_its_rows_in_both_directions_and_no_others(
    built: Project, tmp_path: Path, published: duckdb.DuckDBPyConnection, withheld: set[str]
) -> None:
    """Korea's balance of 2023 is −18,039.656 million; its printed balances are texts that a spreadsheet would run."""
    told = run(built, "export", str(tmp_path / "pair"), "--pair", "Korea", "China")
    content = json.loads((tmp_path / "pair" / "datapackage.json").read_text(encoding="utf-8"))
    assert content["title"] == "Bilateral: trade between KOR and CHN, from official figures"
    assert f"{len(content['resources'])} tables" in told
    of_pair = "(reporter_code, partner_code) in (('KOR', 'CHN'), ('CHN', 'KOR'))"
    for resource in content["resources"]:
        if resource["title"] == package.BESIDE:
            continue
        with (tmp_path / "pair" / resource["path"]).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {(row["reporter_code"], row["partner_code"]) for row in rows} <= {("KOR", "CHN"), ("CHN", "KOR")}
        ((held,),) = published.execute(f"select count(*) from {resource['title']} where {of_pair}").fetchall()
        assert 0 < len(rows) == resource["rows"] <= held, resource["title"]
    with (tmp_path / "pair" / "data" / "marts" / "trade_balance_annual.csv").open(encoding="utf-8") as file:
        balances = {row["year"]: float(row["balance_usd"]) for row in csv.DictReader(file) if row["balance_usd"]}
    assert balances["2023"] == -18_039_656_000
    with (tmp_path / "pair" / "data" / "core" / "published_figures.csv").open(encoding="utf-8") as file:
        printed = {row["as_printed"] for row in csv.DictReader(file)}
    assert any(text.startswith("'-US$") for text in printed)
    assert not any(text.startswith(("-US$", "=", "@")) for text in printed)
    assert "Give two different economies." in run(
        built, "export", str(tmp_path / "none"), "--pair", "KOR", "KOR", code=1
    )
