"""A proof holds for a reader with nothing but DuckDB and Python, and for nobody who changed a byte."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dagster_project import publication
from dagster_project.errors import BilateralError
from dagster_project.metrics import load_metrics
from dagster_project.project import Project
from dagster_project.proof import Proof, prove_figures
from dagster_project.proof.check import find_faults, find_misplaced
from dagster_project.proof.locators import COLUMNS, locate_rows
from dagster_project.sources import find_dataset
from tests.proof.drawing import Client, change_byte, draw, list_deciding_rows, unpack
from tests.refresh.publishers import kcs
from tests.sources.test_kcs import reading

# One figure rests on Korea's customs; the other on WITS, whose bytes may not be passed on.
PASSED_ON, WITHHELD = "balance/KOR/CHN/2023@2025-06-19", "total_trade/CHN/KOR/2007@2022-11-21"


@pytest.fixture(scope="module")
def proved(built: Project) -> dict[str, tuple[dict[str, Any], Proof]]:
    with publication.open_published(built) as connection:
        return {
            record["id"]: (record, proof) for record, proof in prove_figures(built, connection, [PASSED_ON, WITHHELD])
        }


@pytest.fixture(scope="module")
def proofs(proved: dict[str, tuple[dict[str, Any], Proof]]) -> dict[str, Proof]:
    return {name: proof for name, (_, proof) in proved.items()}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with closing(Client(sys.executable)) as one:
        yield one


def write(proof: Proof, folder: Path) -> Path:
    for name, content in proof.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.long
def test_plain_duckdb_computes_the_figure_and_names_the_input_that_differs(
    client: Client, proved: dict[str, tuple[dict[str, Any], Proof]], tmp_path: Path
) -> None:
    record, proof = proved[PASSED_ON]
    folder = write(proof, tmp_path)
    assert client.run(folder)[0] == "equal"
    (drop,) = list_deciding_rows(record, proof.files)[:1]
    assert client.run(folder, drop)[0] == "not equal"
    (bytes_of_it,) = [name for name in proof.files if name.startswith("bytes/")]
    (folder / bytes_of_it).write_bytes(proof.files[bytes_of_it] + b"\n")
    assert client.run(folder)[0] == "an input differs"
    (folder / bytes_of_it).unlink()
    assert client.run(folder)[0] == "an input differs"


@pytest.mark.long
def test_bytes_that_may_not_be_passed_on_stay_out_and_can_be_put_back(
    client: Client, built: Project, proofs: dict[str, Proof], tmp_path: Path
) -> None:
    proof = proofs[WITHHELD]
    assert proof.result == "open"
    assert "* `bytes/wits/goods_annual_summary/" in proof.files["README.md"].decode()
    assert not [name for name in proof.files if "wits" in name and not name.startswith("manifests/")]
    assert client.run(write(proof, tmp_path / "as_sent"))[0] == "open"
    folder = unpack(proof, built, tmp_path / "put_back")
    assert client.run(folder)[0] == "equal"
    assert find_faults(tmp_path / "as_sent", proof.digest) == find_faults(folder, proof.digest) == []
    withheld = next(path for path in (folder / "bytes" / "wits").rglob("*.*") if path.is_file())
    withheld.write_bytes(b"another")
    assert find_faults(folder, proof.digest) == [f"{withheld.relative_to(folder).as_posix()} is changed"]


@pytest.mark.long
def test_every_changed_byte_is_noticed_against_the_cited_digest(proofs: dict[str, Proof], tmp_path: Path) -> None:
    proof, chance = proofs[PASSED_ON], draw(3)
    folder = write(proof, tmp_path)
    assert find_faults(folder, proof.digest) == []
    for _ in range(40):
        name, content = change_byte(proof, chance)
        (folder / name).write_bytes(content)
        (fault,) = find_faults(folder, proof.digest)
        assert fault.startswith(name)
        (folder / name).write_bytes(proof.files[name])
    (folder / "README.md").unlink()
    (folder / "added.csv").touch()
    assert sorted(find_faults(folder, proof.digest)) == ["README.md is missing", "added.csv is not listed"]


@pytest.mark.long
def test_a_proof_of_the_same_figure_is_the_same(built: Project, proofs: dict[str, Proof], tmp_path: Path) -> None:
    with publication.open_published(built) as connection:
        ((_, again),) = prove_figures(built, connection, [PASSED_ON])
    for number, proof in enumerate((proofs[PASSED_ON], again)):
        proof.write_zip(tmp_path / f"{number}.zip")
    assert (tmp_path / "0.zip").read_bytes() == (tmp_path / "1.zip").read_bytes()
    assert (tmp_path / "0.zip").stat().st_size < 150_000


def test_a_metric_without_proofs_says_why(built: Project) -> None:
    without = {name for name, metric in load_metrics().items() if metric.unproved}
    assert {name for name, metric in load_metrics().items() if metric.unit == "rank"} < without
    assert not without & {"exports", "imports", "balance", "export_share", "exports_growth", "product_exports"}
    with (
        publication.open_published(built) as connection,
        pytest.raises(BilateralError, match=r"export_rank has no proof\. A rank needs"),
    ):
        prove_figures(built, connection, ["export_rank/KOR/CHN/2023@2025-06-19"])


@pytest.mark.parametrize(
    ("dataset", "content", "columns"),
    [
        ("kcs/goods_monthly_hs", kcs.body(kcs.PRODUCTS), {"month", "hs_code", "exports_usd", "imports_usd"}),
        ("kcs/goods_monthly_end_use", kcs.body(kcs.END_USES), {"month"}),
    ],
)
def test_a_value_of_a_response_is_found_where_its_locator_says(
    tmp_path: Path, dataset: str, content: bytes, columns: set[str]
) -> None:
    names = [column.name for column in find_dataset(dataset).columns]
    rows = [(*row, "id", number) for number, row in enumerate(reading(content, dataset).rows, 1)]
    answer, listed = tmp_path / "answer.xml", tmp_path / "places.csv"
    answer.write_bytes(content)
    places = list(locate_rows(answer, names, rows))
    for number in range(1, len(rows) + 1):
        assert columns <= {place[1] for place in places if place[0] == number}
    with listed.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *places])
    assert find_misplaced(answer, listed) == []
    number, column, value, offset, _ = places[-1]
    answer.write_bytes(content[:offset] + b"#" + content[offset + 1 :])
    assert f"answer.xml: {column} of row {number} is not {value}" in find_misplaced(answer, listed)
