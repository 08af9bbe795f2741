"""One figure, one value: the report's data, the command line, SQL, CSV and the package say the same of it."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from dagster_project import metrics, publication
from dagster_project.catalog import Catalog
from dagster_project.claims.as_of import AsOf
from dagster_project.metrics import Identity
from dagster_project.project import Project
from dagster_project.report import citing, package, page
from tests.cli.test_commands import run
from tests.report.reading import printed, tree

pytestmark = pytest.mark.long

SAMPLE, CITED = 1000, 12
PAIRS = [("KOR", "CHN"), ("CHN", "KOR"), ("KOR", "JPN"), ("KOR", "VNM"), ("CHN", "USA"), ("KOR", "USA")]


def test_a_thousand_figures_agree_wherever_they_stand(built: Project, tmp_path: Path) -> None:
    found = Catalog(built).models
    exported = package.write(built, found, tmp_path / "package")
    with publication.reading(built) as connection:
        of_page: dict[str, float] = {}
        of_file: dict[str, set[str]] = {}
        for pair in PAIRS:
            root = tree(page.render(built, connection, *pair))
            of_page |= {one.figure: one.value for one in printed(root) if one.figure is not None}
            for link in root.xpath("//a[@download]/@href"):
                for line in csv.DictReader(io.StringIO(unquote(link.partition(",")[2]))):
                    values = set(line.values())
                    of_file |= dict.fromkeys((line.get("identities") or "").split(), values)
        sample = random.Random(20).sample(sorted(of_page), SAMPLE)  # noqa: S311 - a sample

        # Each is found again under its identity, through the vintages.
        then = AsOf(found, connection)
        groups = {(*_name(identity), metrics.parse(identity).as_of) for identity in sample}
        was = {
            figure.id: figure.value
            for metric, item, reporter, partner, day in groups
            for figure in metrics.known(connection, then, Identity(metric, item, reporter, partner, "", day))
        }
        for identity in sample:
            assert was[identity] == pytest.approx(of_page[identity], rel=1e-12), identity
            # At the top of a page may stand a figure that no chart has.
            if identity in of_file:
                assert any(_is_number(text, of_page[identity]) for text in of_file[identity]), identity
        assert sum(identity in of_file for identity in sample) > 0.98 * SAMPLE

        # The command line says the same of some; one process each is slow.
        for identity in sample[:CITED]:
            told = json.loads(run(built, "cite", identity, "--format", "json"))
            assert told["value"] == pytest.approx(of_page[identity], rel=1e-12)
            assert told["id"] == identity
            assert told["is_same"]
            assert citing.cite(connection, found, identity).record()["bibtex"] == told["bibtex"]

    # And the package has those that it may pass on.
    files = duckdb.connect()
    held = 0
    for column, metric in (("exports_usd", "exports"), ("imports_usd", "imports"), ("balance_usd", "balance")):
        path = str(exported.folder / "data" / "marts" / "trade_balance_annual.csv")
        known = {
            f"{metric}/{reporter}/{partner}/{year}": value
            for reporter, partner, year, value in files.execute(
                f"select reporter_code, partner_code, year, {column} from read_csv($path, header = true)",
                {"path": path},
            ).fetchall()
        }
        for identity, value in of_page.items():
            name = identity.partition("@")[0]
            if name in known:
                held += 1
                assert known[name] == pytest.approx(value, rel=1e-12), identity
    assert held > 100


def _name(text: str) -> tuple[str, str | None, str, str]:
    identity = metrics.parse(text)
    return identity.metric, identity.item, identity.reporter, identity.partner


def _is_number(text: str | None, value: float) -> bool:
    try:
        return float(text or "") == pytest.approx(value, rel=1e-12)
    except ValueError:
        return False
