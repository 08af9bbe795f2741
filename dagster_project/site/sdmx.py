"""Write the main tables as SDMX-CSV 2.0, with their structures as SDMX-ML 3.0.

Here: writing what `sdmx.yml` declares. Not here: the concepts, code lists and dataflows themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.database import quote_literal
from dagster_project.files import load_yaml
from dagster_project.publication.html import render_page

if TYPE_CHECKING:
    import duckdb

DECLARED = Path(__file__).with_name("sdmx.yml")
STRUCTURES = Path(__file__).with_name("pages") / "structures.html.j2"


def write_sdmx(connection: duckdb.DuckDBPyConnection, folder: Path) -> Mapping[str, Any]:
    """Write the structures and a file for each dataflow, from the catalog in use; return the declared dataflows."""
    declared = load_yaml(DECLARED.read_text(encoding="utf-8"), DECLARED)
    folder.mkdir()
    lists = {
        name: dict(connection.execute(codes).fetchall()) if isinstance(codes, str) else codes
        for name, codes in declared["code_lists"].items()
    }
    ((made,),) = connection.execute(
        "select strftime(published_at, '%Y-%m-%dT%H:%M:%SZ') from meta.publication"
    ).fetchall()
    xml = render_page(STRUCTURES, **declared | {"code_lists": lists, "made": made})
    (folder / "structures.xml").write_text(xml, encoding="utf-8")
    for name, flow in declared["flows"].items():
        target = quote_literal(folder / f"{name.lower()}.csv.gz")
        named = [*flow["dimensions"], "TIME_PERIOD", "OBS_VALUE", *flow["attributes"]]
        columns = ", ".join(f"{concept} as {concept}" for concept in named)
        connection.execute(
            f"copy (select 'dataflow' as STRUCTURE, '{declared['agency']}:{name}(1.0)' as STRUCTURE_ID, 'I' as ACTION, "
            f"{columns} from ({flow['select']}) order by all) to {target} (header, compression gzip)"
        )
    flows: Mapping[str, Any] = declared["flows"]
    return flows
