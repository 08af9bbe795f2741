"""Economies as people name them.

Here: from a code or a name to the code. Not here: the list of economies, which is `core.economies`, or what publishers
call them (`warehouse/reference/economy_codes.csv`).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    import duckdb

# Names that lists of economies do not have, or that could be two and here are one, as on every page of this project.
SPOKEN = {"korea": "KOR", "america": "USA", "holland": "NLD", "eu": "EUU"}
# A word that is in more names than these tells nothing.
MANY = 4


def code_of(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """The code of the economy that a text names.

    Args:
        connection: A published file.
        text: A code of three letters or of two, or a name in English, in any case.

    Raises:
        BilateralError: No economy is called so, or more than one.
    """
    every = connection.execute("select economy_code, name, is_aggregate from core.economies order by name").fetchall()
    names: dict[str, str] = {code: name for code, name, _ in every}
    if (code := text.strip().upper()) in names:
        return code
    asked = _plain(text)
    by_name = {_plain(name): code for code, name in names.items()}
    if asked in by_name:
        return by_name[asked]
    if (spoken := SPOKEN.get(asked, "")) in names:
        return spoken
    by_two, by_words = _called(text, asked)
    if by_two in names:
        return by_two
    part_of = [code for code, name, is_group in every if not is_group and f" {asked} " in f" {_plain(name)} "]
    if 1 < len(part_of) <= MANY:
        raise BilateralError(
            f"{text.strip()} may be {_listed(part_of, names)}.", remedy="Give one of the codes, or the whole name."
        )
    called = [code for code in by_words if code in names]
    if len(called) == 1:
        return called[0]
    near = [by_name[name] for name in get_close_matches(asked, by_name, n=3, cutoff=0.7)]
    near += get_close_matches(code, names, n=3, cutoff=0.6) if len(code) <= 3 else []
    found = list(dict.fromkeys([*part_of, *called, *near]))[:3]
    raise BilateralError(
        f"There is no economy {text.strip()}.",
        remedy=f"Did you mean {_listed(found, names)}?"
        if found
        else "core.economies lists them: their names, and codes of ISO 3166.",
    )


def _plain(text: str) -> str:
    """A name as it is compared: lower case, without accents, marks and an article."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _called(text: str, asked: str) -> tuple[str, list[str]]:
    """The code that country-converter has for a code of two letters, and those that it has for a name.

    Its own data file: the converter itself does not start under pandas 3.
    """
    spec = find_spec("country_converter")
    assert spec is not None
    assert spec.submodule_search_locations
    data = Path(spec.submodule_search_locations[0]) / "country_data.tsv"
    with data.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    two = next((row["ISO3"] for row in rows if asked and row["ISO2"] == asked.upper()), "")
    return two, [row["ISO3"] for row in rows if asked and re.search(row["regex"], text, re.IGNORECASE)]


def _listed(codes: list[str], names: dict[str, str]) -> str:
    *rest, last = [f"{code} ({names[code]})" for code in codes]
    return f"{', '.join(rest)} or {last}" if rest else last
