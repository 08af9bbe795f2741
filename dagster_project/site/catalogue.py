"""Write the files that describe a site, from templates in `pages/`, and the site's SDMX.

Here: the values of the templates, and the files of SDMX-CSV 2.0 and SDMX-ML 3.0 that `sdmx.yml` declares. Not here:
`datapackage.json`, which `report.package` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale

from dagster_project.database import quote_literal
from dagster_project.files import load_yaml
from dagster_project.languages import LANGUAGES, use_language
from dagster_project.publication.html import render_page
from dagster_project.site.addresses import PAGES
from dagster_project.snapshots import hash_file

if TYPE_CHECKING:
    import duckdb

DECLARED = Path(__file__).with_name("sdmx.yml")
DESCRIPTIONS = ("CITATION.cff", "croissant.json", "index.html", "llms.txt")
# The only type of Parquet that Croissant's own reader knows; the registered one is that of the Data Package.
PARQUET = "application/x-parquet"
# The files beside the tables, each with its media type.
BESIDE = {
    "data/figures.parquet": PARQUET,
    "bilateral.duckdb": "application/vnd.duckdb",
    "sdmx/goods.csv.gz": "application/gzip",
    "sdmx/services.csv.gz": "application/gzip",
    "sdmx/structures.xml": "application/vnd.sdmx.structure+xml",
}


def write_catalogue(folder: Path, content: Mapping[str, Any], **more: Any) -> None:
    """Write a site's descriptions, and a page of contents in each language; `content` is from `datapackage.json`."""
    tables = {one["path"]: PARQUET for one in content["resources"]}
    files = [
        {"path": path, "type": form, "bytes": (folder / path).stat().st_size, "sha256": hash_file(folder / path)}
        for path, form in (tables | BESIDE).items()
    ]
    languages = {language: Locale(language).get_language_name() for language in LANGUAGES}
    pages = [(name, f"{name}.j2", "en") for name in DESCRIPTIONS]
    pages += [(f"{language}/index.html", "contents.html.j2", language) for language in LANGUAGES]
    for path, template, language in pages:
        with use_language(language):
            values = {"content": content, "language": language, "languages": languages, "files": files, **more}
            (folder / path).write_text(f"{render_page(PAGES / template, **values)}\n", encoding="utf-8")


def write_sdmx(connection: duckdb.DuckDBPyConnection, folder: Path, content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write SDMX structures and a file for each dataflow from the current catalog; return the declared dataflows."""
    declared = load_yaml(DECLARED.read_text(encoding="utf-8"), DECLARED)
    folder.mkdir()
    for name, codes in declared["code_lists"].items():
        if isinstance(codes, str):
            declared["code_lists"][name] = dict(connection.execute(codes).fetchall())
    xml = render_page(PAGES / "structures.html.j2", made=content["created"], **declared)
    (folder / "structures.xml").write_text(xml, encoding="utf-8")
    flows: dict[str, Any] = declared["flows"]
    for name, flow in flows.items():
        columns = [*flow["dimensions"], "TIME_PERIOD", "OBS_VALUE", *flow["attributes"]]
        connection.execute(
            f"copy (select 'dataflow' as STRUCTURE, '{declared['agency']}:{name}(1.0)' as STRUCTURE_ID, 'I' as ACTION, "
            f"{', '.join(f'{column} as {column}' for column in columns)} from ({flow['select']}) order by all) "
            f"to {quote_literal(folder / f'{name.lower()}.csv.gz')} (header, compression gzip)"
        )
    return flows
