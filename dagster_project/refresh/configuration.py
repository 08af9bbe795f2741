"""What to ask the publishers for: `bilateral.toml`, read and checked.

Here: its form, which is also its JSON Schema, and the errors that name the line to mend. Not here: how a publisher is
asked (`sources`), or its limits.
"""

from __future__ import annotations

import csv
import tomllib
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError

from dagster_project.errors import BilateralError
from dagster_project.project import Project

Economy = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 3166 alpha-3 code, or WLD for the world.")]
Pair = Annotated[str, Field(pattern="^[A-Z]{3}-[A-Z]{3}$", description="Two economies; each is asked about the other.")]
FirstYear = Annotated[int, Field(ge=1948, le=2100, description="The first year that is asked for.")]
Frequency = Literal["A", "M"]
Frequencies = Annotated[
    tuple[Frequency, ...], Field(description="A asks for years, M for months; each is a question of its own.")
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Source(_Part):
    enabled: Annotated[bool, Field(description="Whether this publisher is asked at all.")] = True


class Imf(_Source):
    """International Monetary Fund, International Trade in Goods by partner (IMTS)."""

    frequencies: Frequencies = ("A", "M")
    first_year: FirstYear = 1990


class WorldBank(_Source):
    """World Bank, World Development Indicators."""

    indicators: Annotated[tuple[str, ...], Field(description="The World Bank's codes of the indicators.")] = ()
    economies: Annotated[
        tuple[Economy, ...], Field(description="Empty asks for every economy of the pairs and donors.")
    ] = ()
    first_year: FirstYear = 1960


class Comtrade(_Source):
    """UN Comtrade."""

    frequencies: Frequencies = ("A",)
    products: Annotated[
        tuple[str, ...], Field(description="TOTAL, an HS code, or AG2, AG4, AG6 for every code of that length.")
    ] = ("TOTAL",)
    first_year: FirstYear = 2010


class Kcs(_Source):
    """Korea Customs Service."""

    products: Annotated[tuple[str, ...], Field(description="HS codes of 2, 4 or 6 digits, by partner.")] = ()
    end_use: Annotated[bool, Field(description="Whether to ask for the end-use classification.")] = True
    first_year: FirstYear = 2015


class Bok(_Source):
    """Bank of Korea, Economic Statistics System (ECOS)."""

    first_year: FirstYear = 1998


class Kosis(_Source):
    """Korean Statistical Information Service."""

    first_year: FirstYear = 2000


class OecdWto(_Source):
    """OECD–WTO Balanced Trade in Services: one bulk file with every pair, half a gigabyte and fifty million rows."""

    enabled: Annotated[bool, Field(description="Whether this publisher is asked at all.")] = False
    file: Annotated[
        str, Field(pattern=r"^[\w.-]+$", description="The bulk file's name at the OECD; a new edition has a new one.")
    ] = "OECD-WTO_BATIS_BPM6_December2025_bulk.zip"


class Gta(_Source):
    """Global Trade Alert."""

    first_year: FirstYear = 2008


class Configuration(_Part):
    """`bilateral.toml`."""

    pairs: Annotated[
        tuple[Pair, ...], Field(min_length=1, description="The pairs of economies that the warehouse is about.")
    ]
    donors: Annotated[
        tuple[Economy, ...],
        Field(description="Other partners to compare with: each economy of a pair is asked about them."),
    ] = ()
    world: Annotated[
        bool,
        Field(
            description="Whether the IMF, the World Bank and the OECD are asked about every economy and all its "
            "partners, and not only about those above."
        ),
    ] = False
    imf: Imf = Imf()
    worldbank: WorldBank = WorldBank()
    comtrade: Comtrade = Comtrade()
    kcs: Kcs = Kcs()
    bok: Bok = Bok()
    kosis: Kosis = Kosis()
    oecd_wto: OecdWto = OecdWto()
    gta: Gta = Gta()

    _codes: dict[str, dict[str, str]] = PrivateAttr(default_factory=dict)
    _names: dict[tuple[str, str], tuple[str, ...]] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(cls, project: Project) -> Configuration:
        """The project's configuration.

        Raises:
            BilateralError: The file is not there or not TOML, or a value in it is wrong; the message says which.
        """
        path = project.configuration
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise BilateralError(f"There is no {path}.", remedy="Restore it from version control.") from error
        except tomllib.TOMLDecodeError as error:
            raise BilateralError(f"{path} is not TOML: {error}.", remedy="Mend that line.") from error
        try:
            found = cls.model_validate(content)
        except ValidationError as error:
            raise BilateralError(
                f"{path.name}: {'; '.join(_complaints(error, path.read_text(encoding='utf-8')))}.",
                remedy="Mend that entry; docs/settings.md lists every setting.",
            ) from error
        found._codes.update(_codes(project))  # noqa: SLF001 - its own
        found._names.update(_names(project))  # noqa: SLF001 - its own
        for economy in sorted({*found.economies, *found.worldbank.economies}):
            found.code("comtrade", economy)
        return found

    @cached_property
    def directions(self) -> tuple[tuple[str, str], ...]:
        """Reporter and partner of every pair, both ways."""
        both = [tuple(pair.split("-")) for pair in self.pairs]
        return tuple(dict.fromkeys([(a, b) for a, b in both] + [(b, a) for a, b in both]))

    @cached_property
    def reporters(self) -> tuple[str, ...]:
        """Every economy of a pair."""
        return tuple(dict.fromkeys(reporter for reporter, _ in self.directions))

    @cached_property
    def economies(self) -> tuple[str, ...]:
        """Every economy of a pair, then the donors; with the world turned on, everyone."""
        if self.world:
            return self.everyone
        return tuple(dict.fromkeys([*self.reporters, *(donor for donor in self.donors if donor != "WLD")]))

    @cached_property
    def everyone(self) -> tuple[str, ...]:
        """Every economy that a code of two letters stands for: those that are, and not those that were or groups."""
        return tuple(sorted(self._codes["iso2"]))

    def partners(self, reporter: str) -> tuple[str, ...]:
        """Whom a reporter is asked about: its partners, the donors and the world."""
        named = [partner for one, partner in self.directions if one == reporter]
        donors = [donor for donor in self.donors if donor != reporter]
        return tuple(dict.fromkeys([*named, *donors, "WLD"]))

    def code(self, scheme: Literal["comtrade", "iso2"], economy: str) -> str:
        """An economy's code in a publisher's scheme; Comtrade's for the world is 0.

        Raises:
            BilateralError: The scheme has none for it.
        """
        if economy == "WLD" and scheme == "comtrade":
            return "0"
        try:
            return self._codes[scheme][economy]
        except KeyError:
            raise BilateralError(
                f"bilateral.toml names {economy}, for which there is no {scheme} code.",
                remedy="Write an ISO 3166 alpha-3 code, or add the economy to warehouse/reference/economies.csv.",
            ) from None

    def names(self, scheme: Literal["kosis_name"], economy: str) -> tuple[str, ...]:
        """The names that a publisher is known to write for an economy; none if the scheme has none for it."""
        return self._names.get((scheme, economy), ())


def schema() -> dict[str, Any]:
    """The JSON Schema of `bilateral.toml`, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Configuration.model_json_schema()}


def _complaints(error: ValidationError, text: str) -> list[str]:
    """What is wrong, each with its line and its setting."""
    found = []
    for wrong in error.errors():
        where = ".".join(str(part) for part in wrong["loc"])
        what = "there is no such setting" if wrong["type"] == "extra_forbidden" else wrong["msg"]
        line = _line(text, [str(part) for part in wrong["loc"]])
        found.append(f"{f'line {line}: ' if line else ''}{where}: {what[0].lower()}{what[1:]}")
    return found


def _line(text: str, where: list[str]) -> int | None:
    """The line that a setting begins on, if it is written: its table first, then its name in it."""
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


def _codes(project: Project) -> dict[str, dict[str, str]]:
    from dagster_project.reference import code_lists

    listed = code_lists.economies(project)
    place = list(listed.columns).index("comtrade_code")
    comtrade = {row[0]: row[place] for row in listed.rows if row[place]}
    iso2 = {row["economy_code"]: row["code"] for row in _translated(project) if row["scheme"] == "iso2"}
    return {"comtrade": comtrade, "iso2": iso2}


def _names(project: Project) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in _translated(project):
        if row["scheme"].endswith("_name"):
            key = (row["scheme"], row["economy_code"])
            found[key] = (*found.get(key, ()), row["code"])
    return found


def _translated(project: Project) -> list[dict[str, str]]:
    with (project.reference / "economy_codes.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
