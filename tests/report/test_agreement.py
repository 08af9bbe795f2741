"""A figure has the same value in the report's data, the command line, SQL, and the package.

The figures are drawn over every metric and every dataset that the package has; `SEED=7 pytest …` draws others.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest

from dagster_project import metrics, publication
from dagster_project.catalog import Catalog
from dagster_project.metrics import NOBODY, Figure
from dagster_project.project import Project
from dagster_project.report import package, page
from dagster_project.report.pair import Pair
from tests.cli.test_commands import run
from tests.metrics.marts import SQL
from tests.report.reading import printed, tree

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SEED = int(os.environ.get("SEED", "20"))


# At least `pairs_each` reports have figures of each metric and dataset, if so many pairs have any.
@pytest.mark.parametrize(
    ("size", "pairs_each"), [(300, 1), pytest.param(1000, 2, marks=pytest.mark.longest)], ids=["300", "1000"]
)
def test_figures_agree_wherever_they_stand(built: Project, tmp_path: Path, size: int, pairs_each: int) -> None:
    print(f"SEED={SEED}")  # noqa: T201 - pytest shows it where the test fails
    exported = tmp_path / "package"
    package.write_package(built, Catalog(built).models, exported)
    with publication.open_published(built) as connection:
        of_terms = connection.execute("select snapshot_id, licence_name from meta.snapshots").fetchall()
        passed_on = {name for name, licence in of_terms if package.load_terms()[licence]["is_passed_on"]}
        every = [
            figure for metric in metrics.load_metrics().values() for figure in metrics.read_figures(connection, metric)
        ]
        free = [figure for figure in every if passed_on.issuperset(figure.snapshot_ids)]
        sample, pairs = drawn(free, size, pairs_each)
        assert len(sample) == size
        assert {figure.identity.metric for figure in sample} == {figure.identity.metric for figure in free}
        held = {
            f"{name}{'.' if metrics.load_metrics()[name].item else '/'}{rest}": value
            for name, sql in SQL.items()
            for rest, value in connection.execute(sql).fetchall()
        }
        of_page: dict[str, set[float]] = {}
        for pair in pairs:
            for identity, value in reported(page.render_pair(Pair(built, connection, *pair))):
                of_page.setdefault(identity, set()).add(value)
    identities = "\n".join(figure.id for figure in sample)
    told = {one["id"]: one for one in json.loads(run(built, "cite", "-", "--format", "json", stdin=identities))}
    found = in_package(exported)
    # The package gives every figure that may be passed on, and others only in place of one that may not, such as twelve
    # months of another publisher.
    withheld = {figure.identity.undated for figure in every} - {figure.identity.undated for figure in free}
    others = found.keys() - {figure.id for figure in free}
    assert len(found) - len(others) == len(free)
    assert {metrics.parse_identity(identity).undated for identity in others} <= withheld
    for figure in sample:
        same = pytest.approx(figure.value, rel=1e-12)
        name = figure.id.partition("@")[0]
        assert held[name] == same, figure.id
        assert of_page[figure.id] == {figure.value}, figure.id
        assert told[figure.id]["value"] == same, figure.id
        assert told[figure.id]["is_same"], figure.id
        assert found[figure.id] == same, figure.id


def drawn(free: Sequence[Figure], size: int, pairs_each: int) -> tuple[list[Figure], list[tuple[str, str]]]:
    """Draw a sample over every metric and dataset in turn, and the pairs whose reports have its figures.

    A report takes seconds to draw, so few pairs are drawn that have figures of every metric and dataset together.
    """
    chance = random.Random(SEED)  # noqa: S311 - a sample
    strata: dict[tuple[str, str], list[Figure]] = {}
    for figure in free:
        for dataset in {name.rpartition("/")[0] for name in figure.snapshot_ids}:
            strata.setdefault((figure.identity.metric, dataset), []).append(figure)
    of_pairs = [
        sorted({(figure.identity.reporter, figure.identity.partner) for figure in figures})
        for (metric, _), figures in sorted(strata.items())
        if metrics.load_metrics()[metric].has_partner
    ]
    chosen: set[tuple[str, str]] = set()
    for there in sorted(of_pairs, key=len):
        left = [pair for pair in there if pair not in chosen]
        lacking = pairs_each - len(there) + len(left)
        chosen |= set(chance.sample(left, min(max(lacking, 0), len(left))))
    economies = {code for pair in chosen for code in pair}
    heaps = []
    for _, figures in sorted(strata.items()):
        heap = [
            figure
            for figure in figures
            if (figure.identity.reporter, figure.identity.partner) in chosen
            or (figure.identity.partner == NOBODY and figure.identity.reporter in economies)
        ]
        heaps.append(chance.sample(heap, len(heap)))
    sample: dict[str, Figure] = {}
    while len(sample) < size and any(heaps):
        for heap in heaps:
            if heap and len(sample) < size:
                figure = heap.pop()
                sample[figure.id] = figure
    return list(sample.values()), sorted(chosen)


def reported(text: str) -> Iterator[tuple[str, float]]:
    """List the figures of a report, from its page and from its CSV file of all figures."""
    root = tree(text)
    yield from ((one.figure, one.value) for one in printed(root) if one.figure is not None)
    for link in root.xpath("//a[@data-file='figures']/@href"):
        for row in csv.DictReader(io.StringIO(unquote(link.partition(",")[2]))):
            yield row["id"], float(row["value"])


def in_package(folder: Path) -> dict[str, float]:
    """Read all figures from the files of a package."""
    resources = json.loads((folder / package.FILE).read_text(encoding="utf-8"))["resources"]
    connection = duckdb.connect()
    for schema in ("core", "marts", "meta"):
        connection.execute(f"create schema {schema}")
    for resource in resources:
        file = folder / resource["parquet"]["path"]
        connection.execute(f"create view {resource['title']} as from read_parquet('{file}')")
    connection.execute("create view meta.snapshots as from meta.figure_sources")
    return {
        figure.id: figure.value
        for metric in metrics.load_metrics().values()
        for figure in metrics.read_figures(connection, metric)
    }
