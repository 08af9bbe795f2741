"""The descriptions of a site say what is there, and its SDMX reads back to the figures of the warehouse."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import logging
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.sources import list_sources
from tests.site.sdmx import list_faults

pytestmark = pytest.mark.long

# How many observations of the warehouse come from sources that may be passed on.
FREE = """
    select count(*) from {table}
    inner join meta.snapshots using (snapshot_id)
    where value_usd is not null and snapshots.source not in ('comtrade', 'wits', 'gacc', 'pboc')
"""


def read_flow(site: Path, flow: str) -> tuple[list[str], list[list[str]]]:
    with gzip.open(site / "sdmx" / f"{flow.lower()}.csv.gz", "rt", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_croissant_has_no_errors_and_reads_a_table(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        import mlcroissant

        dataset = mlcroissant.Dataset(jsonld=str(site / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert not caplog.records
    found = json.loads((site / "croissant.json").read_text(encoding="utf-8"))
    assert len(found["recordSet"]) > 50
    for one in found["distribution"]:
        data = (site / one["@id"]).read_bytes()
        assert one["sha256"] == hashlib.sha256(data).hexdigest(), one["@id"]
        assert one["contentUrl"] == f"https://example.org/bilateral/{one['@id']}"
    files = duckdb.connect()
    for record in found["recordSet"]:
        path = record["field"][0]["source"]["fileObject"]["@id"]
        columns = [row[0] for row in files.execute(f"describe from '{site / path}'").fetchall()]
        assert [field["name"] for field in record["field"]] == columns, path


def test_the_index_and_its_links(site: Path, written: dict[str, Any]) -> None:
    index = (site / "en" / "index.html").read_text(encoding="utf-8")
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', index, re.DOTALL)
    linked = json.loads(script)
    assert linked["@type"] == "Dataset"
    assert linked["identifier"] == written["content"]["id"]
    assert re.search(r'An example: <a href="../figures/(balance/KOR/CHN).html#(.*?)"><code>\1/\2</code></a>', index)
    pages = [*site.rglob("*.html")]
    assert len(pages) > 100
    ids = {page: set(re.findall(r' id="([^"]*)"', page.read_text(encoding="utf-8"))) for page in pages}
    for page in pages:
        for link in re.findall(r'(?:href|src)="([^"]*)"', page.read_text(encoding="utf-8")):
            if ":" in link.partition("#")[0].partition("/")[0]:
                continue
            path, _, mark = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), (page, link)
            assert not mark or target.suffix != ".html" or mark in ids[target], (page, link)


def test_refusals_are_published_with_how_to_fetch(site: Path, written: dict[str, Any]) -> None:
    index = (site / "en" / "index.html").read_text(encoding="utf-8")
    datasets = {one["dataset"]: one for one in written["content"]["left_out"] if "dataset" in one}
    assert {name.partition("/")[0] for name in datasets} == {"comtrade", "gacc", "pboc", "wits"}
    for name in datasets:
        assert f"<code>{name}</code>" in index
    for source in list_sources():
        if source.api is not None and source.code in {name.partition("/")[0] for name in datasets}:
            assert f"<code>bilateral refresh {source.code}</code>" in index


def test_llms_and_citation_name_files_and_sources(site: Path, written: dict[str, Any]) -> None:
    told = (site / "llms.txt").read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([^)]+)\)", told):
        assert (site / path).is_file(), path
    cited = (site / "CITATION.cff").read_text(encoding="utf-8")
    assert written["content"]["id"] in cited
    assert 'name: "Korea Customs Service"' in cited
    assert "register;" not in cited
    assert all(source["name"] in cited for source in written["content"]["sources"])


@pytest.mark.parametrize("flow", ["GOODS", "SERVICES"])
def test_sdmx_reads_back_to_the_same_figures(site: Path, published: duckdb.DuckDBPyConnection, flow: str) -> None:
    header, rows = read_flow(site, flow)
    assert list_faults(site / "sdmx" / "structures.xml", flow, header, rows) == []
    text = gzip.decompress((site / "sdmx" / f"{flow.lower()}.csv.gz").read_bytes())
    from pysdmx.io import get_datasets

    (dataset,) = get_datasets(io.BytesIO(text), site / "sdmx" / "structures.xml")
    data = dataset.data
    tables = ["core.services_trade"] if flow == "SERVICES" else ["core.goods_trade_annual", "core.goods_trade_monthly"]
    counted = [published.execute(FREE.format(table=table)).fetchall()[0][0] for table in tables]
    # A yearly row also names the snapshot of the world's figure, so it may be left out for that.
    assert len(data) == len(rows) <= sum(counted)
    assert len(rows) > 0.9 * sum(counted)
    for table in tables:
        form = "M" if table.endswith("monthly") else "A"
        known = {
            (*map(str, key), "X" if flow_ == "export" else "M", str(period)): value
            for *key, flow_, period, value in published.execute(
                "select reporter_code, partner_code, service_item_code, value_basis, flow, year, value_usd from "
                "core.services_trade"
                if flow == "SERVICES"
                else f"select reporter_code, partner_code, flow, left(cast(period_start as varchar), "
                f"{4 if form == 'A' else 7}), value_usd from {table}"
            ).fetchall()
        }
        names = ["REF_AREA", "COUNTERPART_AREA"] + (["SERVICE_ITEM", "VALUE_BASIS"] if flow == "SERVICES" else [])
        of_table = data[data["FREQ"] == form]
        assert len(of_table)
        for row in of_table.to_dict("records"):
            key = (*(str(row[name]) for name in names), str(row["TRADE_FLOW"]), str(row["TIME_PERIOD"]))
            assert known[key] == float(row["OBS_VALUE"]), key


def test_faults_planted_in_sdmx_are_noticed(site: Path) -> None:
    structures = site / "sdmx" / "structures.xml"
    header, rows = read_flow(site, "SERVICES")
    rows = rows[:200]

    def plant(column: str, value: str) -> list[str]:
        changed = [list(row) for row in rows]
        changed[7][header.index(column)] = value
        return list_faults(structures, "SERVICES", header, changed)

    assert list_faults(structures, "SERVICES", header, rows) == []
    assert plant("TRADE_FLOW", "Z") == ["TRADE_FLOW has ['Z']"]
    assert plant("REF_AREA", "") == ["REF_AREA is missing"]
    assert plant("SOURCE", "") == ["SOURCE is missing"]
    assert "structure" in plant("STRUCTURE_ID", "OTHER:SERVICES(1.0)")[0]
    renamed = ["COUNTERPART" if name == "COUNTERPART_AREA" else name for name in header]
    assert list_faults(structures, "SERVICES", renamed, rows) == ["columns ['COUNTERPART', 'COUNTERPART_AREA']"]
    lost = [name for name in header if name != "VALUE_BASIS"]
    shorter = [[value for name, value in zip(header, row, strict=True) if name != "VALUE_BASIS"] for row in rows]
    assert list_faults(structures, "SERVICES", lost, shorter) == ["columns ['VALUE_BASIS']"]
    assert "occurs 2 times" in list_faults(structures, "SERVICES", header, [*rows, rows[0]])[0]
