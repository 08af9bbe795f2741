"""Read the files `<code>.yml` of this folder, which declare each source, its datasets and the terms of its API.

A file has the source's `title`, `publisher`, `homepage` and `datasets`. If the publisher has an API, the file also has
the datasets that the API fills (`live`), the release calendar (`releases`) and the terms (`api`). The fields of these
parts are those of the classes in `declare` and `calendar`. A column is written as in the headers of `sql/`: its type
and limits, a bar, and its meaning, such as `value_usd: number, optional, at least 0 | Exports FOB, US$.`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

from dagster_project.errors import BilateralError
from dagster_project.files import check_mapping, read_yaml_fields
from dagster_project.settings import Settings, SourceSettings, Window
from dagster_project.sources.calendar import Releases
from dagster_project.sources.declare import (
    Api,
    Column,
    Dataset,
    Key,
    Kind,
    Offer,
    ParsedResponse,
    Request,
    Response,
    Source,
)

FOLDER = Path(__file__).parent


def list_codes() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def read_source(code: str) -> Source:
    """Read the declaration of a source; `Source.api` stays empty, because the API also needs code.

    Raises:
        BilateralError: The file is not a valid declaration.
    """
    content = _read_file(code)
    try:
        return Source(
            code=code,
            title=content["title"],
            publisher=content["publisher"],
            homepage=content["homepage"],
            datasets=tuple(_build_dataset(code, name, fields) for name, fields in content["datasets"].items()),
            live=_list_live(content),
            releases=Releases(**_convert_lists(content["releases"])) if "releases" in content else None,
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise _build_error(code, error) from error


def read_dataset(path: str) -> Dataset:
    """Read the declaration of the dataset `source/name`."""
    code, _, name = path.partition("/")
    return next(dataset for dataset in read_source(code).datasets if dataset.name == name)


def read_api(
    code: str,
    *,
    settings: type[SourceSettings],
    plan: Callable[[Settings, Window, bool], Iterable[Request]],
    read: Callable[[Request, Response], ParsedResponse],
    completes: Mapping[str, Callable[[Response], Mapping[str, str]]] | None = None,
) -> Api:
    """Build a source's `Api` from the terms in its file and the functions of its module.

    Raises:
        BilateralError: The file is not a valid declaration.
    """
    try:
        terms = dict(_read_file(code)["api"])
        terms["licence"] = (terms["licence"]["name"], terms["licence"]["url"])
        if "key" in terms:
            terms["key"] = Key(**terms["key"])
        return Api(**terms, settings=settings, plan=plan, read=read, completes=completes or {})
    except (LookupError, TypeError) as error:
        raise _build_error(code, error) from error


@cache
def _read_file(code: str) -> dict[str, Any]:
    return read_yaml_fields(
        FOLDER / f"{code}.yml",
        ("title", "publisher", "homepage", "datasets"),
        ("live", "releases", "api"),
        what="the declaration of a source",
        remedy="Write it like the other files of this folder.",
    )


def _list_live(content: Mapping[str, Any]) -> tuple[str, ...]:
    live = tuple(content.get("live", ()))
    if others := sorted({*live} - content["datasets"].keys()):
        raise ValueError(f"`live` names {', '.join(others)}, which `datasets` lacks")
    return live


def _build_dataset(code: str, name: str, fields: object) -> Dataset:
    fields = check_mapping(
        fields,
        ("title", "columns", "key"),
        ("offer", "fields", "other_fields"),
        where=f"{FOLDER / code}.yml: {name}",
        what="a dataset",
    )
    return Dataset(
        source=code,
        name=name,
        title=fields["title"],
        columns=tuple(_build_column(column, text) for column, text in fields["columns"].items()),
        key=tuple(fields["key"]),
        offer=Offer(**_convert_lists(fields["offer"])) if "offer" in fields else None,
        fields=tuple(fields.get("fields", ())),
        other_fields=tuple(fields.get("other_fields", ())),
    )


def _build_column(name: str, text: str) -> Column:
    """Build a column from a text such as `number, optional, at least 0 | Exports, US$`."""
    values, bar, description = text.partition(" | ")
    if not bar:
        raise ValueError(f"column {name}: expected ' | ' between the type and the description")
    kind, *limits = values.split(", ")
    if kind not in get_args(Kind):
        raise ValueError(f"column {name} has an unknown type {kind!r}; the types are {', '.join(get_args(Kind))}")
    given: dict[str, Any] = {}
    for limit in limits:
        match limit.split():
            case ["optional"]:
                given["required"] = False
            case ["at", "least", number]:
                given["minimum"] = int(number)
            case ["at", "most", number]:
                given["maximum"] = int(number)
            case ["one", "of", *allowed]:
                given["values"] = tuple(allowed)
            case _:
                raise ValueError(f"column {name} has an unknown limit {limit!r}")
    return Column(name, kind, description, **given)  # type: ignore[arg-type]


def _convert_lists(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _build_error(code: str, error: Exception) -> BilateralError:
    problem = f"it lacks the field {error}" if isinstance(error, KeyError) else str(error)
    return BilateralError(
        f"{FOLDER / code}.yml is not a valid declaration of a source: {problem}.",
        remedy="Write it like the other files of this folder.",
    )
