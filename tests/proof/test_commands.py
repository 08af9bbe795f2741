"""The commands about proofs, and those that docs/proof.md tells a reader to type."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagster_project import publication
from dagster_project.metrics import load_metrics, read_figures
from dagster_project.pipeline import build_warehouse
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.proof import prove_figures
from dagster_project.proof.check import find_faults, find_misplaced
from dagster_project.snapshots import Licence, Manifest, archive_snapshot
from dagster_project.sources import find_dataset, find_source
from tests import making
from tests.cli.test_commands import run
from tests.proof.drawing import Client, unpack
from tests.refresh.publishers import kcs
from tests.sources.test_kcs import request as kcs_request

pytestmark = [pytest.mark.long]

FIGURE = "balance/KOR/CHN/2023@2025-06-19"
PAGE = (Project.find().root / "docs" / "proof.md").read_text(encoding="utf-8")


def test_the_page_of_proofs_can_be_followed(built: Project, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    command = f"'{sys.executable}' -c 'from dagster_project.cli import main; main()'"
    script = f'set -e\nbilateral() {{ {command} "$@"; }}\npython() {{ "{sys.executable}" "$@"; }}\n' + "".join(blocks)
    environment = {**os.environ, WAREHOUSE_VARIABLE: str(built.warehouse)}
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "Every file has its hash, and every value its place." in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"[('equal', '{FIGURE}', -18039656000.0, -18039656000.0, None, ")
    described = set(re.findall(r"^\| (.*?) \| ", PAGE, re.MULTILINE))
    listed = {name for cell in described for name in re.findall(r"`([^`]+)`", cell)}
    for name in (path.relative_to(tmp_path / "proof").as_posix() for path in (tmp_path / "proof").rglob("*.*")):
        assert listed & {name, f"{name.partition('/')[0]}/", "none.csv"} or name == "none.csv", name


def test_a_citation_names_the_digest_of_the_proof(built: Project, tmp_path: Path) -> None:
    # Importing it takes a second, also where no test of this file runs.
    from dagster_project.cli.mcp import Tools

    said = run(built, "prove", FIGURE, "--output", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as packed:
        packed.extractall(tmp_path / "proof")
    cited = json.loads(run(built, "cite", FIGURE, "--proof", "--format", "json"))
    assert cited["proof"] in said
    assert cited["citation"].endswith(f", proof sha256:{cited['proof']}.")
    assert find_faults(tmp_path / "proof", cited["proof"]) == []
    korean = json.loads(run(built, "cite", FIGURE, "--proof", "--format", "json", "--lang", "ko"))
    assert korean["title"] == "2023년 한국의 대중국 상품수지"
    assert korean["proof"] == cited["proof"]
    assert "proof" not in json.loads(run(built, "cite", FIGURE, "--format", "json"))
    assert "does not end in .zip. Choose a name such as proof.zip." in run(
        built, "prove", FIGURE, "--output", "proof.tar", code=1
    )
    assert "A rank needs" in run(built, "prove", "export_rank/KOR/CHN/2023@2025-06-19", code=1)
    tools = Tools(built)
    answer = tools.prove(FIGURE)
    tools.close()
    assert (answer["sha256"], answer["result"]) == (cited["proof"], "equal")


def test_a_figure_of_a_response_in_xml_has_locators(warehouse: Project, tmp_path: Path) -> None:
    """Customs answers with the months that are available already, in its own form."""
    request = kcs_request("kcs/goods_monthly")
    where = making.part_without_claims(warehouse, tmp_path / "checkout", *making.SMALL)
    with publication.open_published(where) as connection:
        months = connection.execute(
            "select strftime(period_start, '%Y.%m'), max(value_usd) filter (flow = 'export'), "
            "max(value_usd) filter (flow = 'import') from core.goods_trade_monthly where reporter_code = 'KOR' "
            "and partner_code = 'CHN' and period_start between '2026-01-01' and '2026-07-01' group by all order by all"
        ).fetchall()
    content = kcs.body(
        {
            **kcs.COUNTRY[0],
            "year": month,
            "expDlr": f"{exports:.0f}",
            "impDlr": f"{imports:.0f}",
            "balPayments": f"{exports - imports:.0f}",
        }
        for month, exports, imports in months
    )
    dataset, source = find_dataset("kcs/goods_monthly"), find_source("kcs")
    assert source.api is not None
    moment = datetime(2026, 9, 20, 12, tzinfo=UTC)
    manifest = Manifest(
        source="kcs",
        dataset="goods_monthly",
        title=dataset.title,
        url=request.build_address(source.api.base),
        parameters=request.parameters | {"headers": {}},
        retrieved_at=moment,
        known_from=moment.date(),
        obtained="Made for a test.",
        form="answer",
        file="answer.xml",
        media_type="application/xml",
        row_count=len(months),
        columns=[column.name for column in dataset.columns],
        licence=Licence(*source.api.licence),
        citation=source.api.citation,
    )
    snapshot = archive_snapshot(where, manifest, content)
    build_warehouse(where)
    with publication.open_published(where) as connection:
        (figure,) = [
            one
            for one in read_figures(connection, load_metrics()["exports"], "KOR", "CHN")
            if one.identity.period == "2026-07"
        ]
        ((_, proof),) = prove_figures(where, connection, [figure.id])
    assert figure.snapshot_ids == (snapshot.id,)
    assert proof.result == "equal"
    located = proof.files[f"locators/{snapshot.id}.csv"].decode()
    assert f",exports_usd,{figure.value:.0f}," in located
    folder = unpack(proof, None, tmp_path / "proof")
    assert find_faults(folder, proof.digest) == []
    answer = folder / "bytes" / snapshot.id / "answer.xml"
    answer.write_bytes(content.replace(f"{figure.value:.0f}".encode(), b"1" * len(f"{figure.value:.0f}")))
    assert find_misplaced(answer, folder / "locators" / f"{snapshot.id}.csv")
    with closing(Client(sys.executable)) as client:
        assert client.run(folder)[0] == "an input differs"


def test_a_report_links_the_proofs_of_its_headlines(built: Project, tmp_path: Path) -> None:
    run(built, "report", "--output", str(tmp_path / "page.html"))
    assert "proofs/" not in (tmp_path / "page.html").read_text(encoding="utf-8")
    run(built, "report", "--proofs", "--output", str(tmp_path / "page.html"))
    links = re.findall(r'href="(proofs/[^"]+)"', (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("proofs/*")} == set(links)
