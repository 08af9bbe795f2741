"""Describe the site to people and to machines.

Here: the index page of each language, Croissant (schema.org's Dataset with fields), `CITATION.cff` and `llms.txt`. Not
here: `datapackage.json`, which the choice of rows writes (`report.package`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_project.publication.html import render_page
from dagster_project.snapshots import hash_file

PAGES = Path(__file__).with_name("pages")
CONTEXT = PAGES / "croissant.json"
CROISSANT = "http://mlcommons.org/croissant/1.0"
PARQUET = "application/x-parquet"
TYPES = {"number": "sc:Float", "integer": "sc:Integer", "boolean": "sc:Boolean", "date": "sc:Date"}
# The files beside the tables, each with its media type.
BESIDE = {
    "data/figures.parquet": PARQUET,
    "bilateral.duckdb": "application/vnd.duckdb",
    "sdmx/goods.csv.gz": "application/gzip",
    "sdmx/services.csv.gz": "application/gzip",
    "sdmx/structures.xml": "application/vnd.sdmx.structure+xml",
}
REPORT = re.compile(r"([A-Z]{3})-([A-Z]{3})\.html")


def write_catalogue(
    folder: Path,
    content: Mapping[str, Any],
    record: Mapping[str, Any],
    languages: Mapping[str, str],
    flows: Mapping[str, Any],
    names: Mapping[str, str],
) -> None:
    """Write the pages and files that describe the site.

    Args:
        folder: The folder of the site, with all other files.
        content: The content of `datapackage.json`.
        record: The address and the publications of the site.
        languages: The name of each language by the name of its folder.
        flows: The dataflows of SDMX.
        names: The names of economies by code.
    """
    described = _describe_dataset(folder, content, record["address"])
    _write_json(folder / "croissant.json", described)
    values = {
        "content": content,
        "record": record,
        "address": record["address"],
        "flows": flows,
        "languages": languages,
        "beside": {path: (folder / path).stat().st_size for path in BESIDE},
        "refusals": _group_refusals(content["left_out"]),
    }
    for language in languages:
        place = folder / language
        found = [match for path in sorted(place.glob("*.html")) if (match := REPORT.fullmatch(path.name))]
        pairs = {match[0]: f"{names.get(match[1], match[1])} and {names.get(match[2], match[2])}" for match in found}
        brief = {name: value for name, value in described.items() if name not in {"recordSet", "distribution"}}
        index = render_page(
            PAGES / "index.html.j2", pairs=pairs, dated=_list_newest(place), brief=brief, language=language, **values
        )
        (place / "index.html").write_text(index, encoding="utf-8")
        values.setdefault("pairs", pairs)
    for name in ("CITATION.cff", "llms.txt"):
        (folder / name).write_text(render_page(PAGES / f"{name}.j2", **values) + "\n", encoding="utf-8")
    (folder / "index.html").write_text(render_page(PAGES / "root.html.j2", **values), encoding="utf-8")


def _describe_dataset(folder: Path, content: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Describe the site as Croissant: the files, and the fields of each table."""
    base = f"{address}/" if address else ""
    resources = content["resources"]
    files = [(one["path"], PARQUET) for one in resources] + list(BESIDE.items())
    return {
        **json.loads(CONTEXT.read_text(encoding="utf-8")),
        "@type": "sc:Dataset",
        "conformsTo": CROISSANT,
        "name": content["name"],
        "alternateName": content["title"],
        "description": content["description"],
        "url": f"{base}index.html",
        "version": content["version"],
        "identifier": content["id"],
        "license": sorted({one["path"] for one in content["licenses"]}),
        "datePublished": content["created"][:10],
        "isLiveDataset": True,
        "inLanguage": "en",
        "keywords": ["trade", "exports", "imports", "trade balance", "official statistics"],
        "creator": {"@type": "Organization", "name": "Bilateral", "url": f"{base}index.html"},
        "citeAs": f"@misc{{bilateral, title = {{{content['title']}}}, note = {{Publication {content['id']}}}}}",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": path,
                "contentUrl": base + path,
                "contentSize": f"{(folder / path).stat().st_size} B",
                "encodingFormat": media_type,
                "sha256": hash_file(folder / path),
            }
            for path, media_type in files
        ],
        "recordSet": [_describe_table(resource) for resource in resources],
    }


def _describe_table(resource: Mapping[str, Any]) -> dict[str, Any]:
    table, schema = resource["title"], resource["schema"]
    return {
        "@type": "cr:RecordSet",
        "@id": table,
        "name": table,
        "description": resource["description"],
        "key": [{"@id": f"{table}/{name}"} for name in schema["primaryKey"]],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table}/{field['name']}",
                "name": field["name"],
                "description": f"{field['description']} [{field['unit']}]",
                "dataType": TYPES.get(field["type"], "sc:Text"),
                **({"repeated": True} if field["type"] == "array" else {}),
                "source": {"fileObject": {"@id": resource["path"]}, "extract": {"column": field["name"]}},
            }
            for field in schema["fields"]
        ],
    }


def _group_refusals(left_out: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group what is left out by the reason, with the terms and how to fetch each."""
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in left_out:
        groups[one["why"]].append({"name": one.get("dataset") or one["table"], **one})
    return [{"why": why, "items": items} for why, items in groups.items()]


def _list_newest(folder: Path) -> list[tuple[str, list[str]]]:
    """List the newest dated pages of each kind, as paths from the folder of a language."""
    newest: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted(folder.glob("*/**/*@*.html")):
        name = path.relative_to(folder).as_posix()
        kind = name.partition("/")[0]
        newest[kind][name.partition("@")[0]] = name
    return [(kind, list(found.values())) for kind, found in newest.items()]


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
