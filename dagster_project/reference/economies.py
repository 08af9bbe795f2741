"""Find the code of an economy by a code, or by a name in English or Korean, even a common variant or misspelling."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    import duckdb

# Common names that ISO 3166 lacks, and the meaning of ambiguous names (Korea is South Korea).
SPOKEN = {
    "america": "USA", "britain": "GBR", "chinese taipei": "TWN", "cote d ivoire": "CIV", "eu": "EUU",
    "great britain": "GBR", "holland": "NLD", "hong kong sar": "HKG", "ivory coast": "CIV", "korea": "KOR",
    "macao sar": "MAC", "macau": "MAC", "mainland china": "CHN", "n korea": "PRK", "prc": "CHN",
    "republic of korea": "KOR", "rok": "KOR", "russia": "RUS", "s korea": "KOR", "turkey": "TUR", "u k": "GBR",
    "u s": "USA", "u s a": "USA", "uae": "ARE", "uk": "GBR", "us": "USA",
}  # fmt: skip
# English adjectives of economies.
ADJECTIVES = {
    "american": "USA", "australian": "AUS", "brazilian": "BRA", "british": "GBR", "canadian": "CAN", "chinese": "CHN",
    "dutch": "NLD", "french": "FRA", "german": "DEU", "indian": "IND", "indonesian": "IDN", "italian": "ITA",
    "japanese": "JPN", "korean": "KOR", "malaysian": "MYS", "mexican": "MEX", "north korean": "PRK", "russian": "RUS",
    "saudi": "SAU", "singaporean": "SGP", "south korean": "KOR", "spanish": "ESP", "swiss": "CHE", "taiwanese": "TWN",
    "thai": "THA", "turkish": "TUR", "vietnamese": "VNM",
}  # fmt: skip
# Korean short forms for trade with an economy (대중: with China).
TRADE_WITH = {"대중": "CHN", "대미": "USA", "대일": "JPN"}
# Korean particles that follow the name of an economy.
PARTICLES = "과의|와의|으로의|로의|에서|에는|에게|으로|과|와|의|은|는|이|가|을|를|에|로|도"
# Names with fewer letters (US, UK) are recognized within a sentence only in capitals.
SHORT = 4
# The most economies that an error message lists for an ambiguous word.
MANY = 4
# The economies and names in each open published file, which do not change.
_ECONOMIES: WeakKeyDictionary[duckdb.DuckDBPyConnection, list[tuple[str, str, bool]]] = WeakKeyDictionary()
_NAMES: WeakKeyDictionary[duckdb.DuckDBPyConnection, dict[str, str]] = WeakKeyDictionary()


def find_code(connection: duckdb.DuckDBPyConnection, text: str) -> str:
    """Find the three-letter code of an economy by a code of two or three letters, or a name in English or Korean.

    Raises:
        BilateralError: No economy has this name, or several have it; the message suggests economies.
    """
    every = _read_economies(connection)
    names: dict[str, str] = {code: name for code, name, _ in every}
    if (code := text.strip().upper()) in names:
        return code
    korean = _find_korean(text)
    text = re.sub(r"['’]s?$", "", text.strip())
    asked = _simplify_name(text)
    by_name = {_simplify_name(name): code for code, name in names.items()}
    for found in (korean, by_name.get(asked, ""), SPOKEN.get(asked, "")):
        if found in names:
            return found
    part_of = [code for code, name, is_group in every if not is_group and f" {asked} " in f" {_simplify_name(name)} "]
    if 1 < len(part_of) <= MANY:
        raise BilateralError(
            f"{text.strip()} is ambiguous: {_list_choices(part_of, names)}.",
            remedy="Give one of the codes, or the full name.",
        )
    if (found := _look_up_name(text)) in names:
        return found
    near = [by_name[name] for name in get_close_matches(asked, by_name, n=3, cutoff=0.7)]
    if len(code) <= 3:
        # Codes with the same letters in another order come first: swapped letters (KRO) are the likeliest mistake.
        close = get_close_matches(code, names, n=10, cutoff=0.6)
        near += sorted(close, key=lambda one: sorted(one) != sorted(code))
    similar = list(dict.fromkeys([*part_of, *near]))[:3]
    raise BilateralError(
        f"There is no economy {text.strip()}.",
        remedy=f"Did you mean {_list_choices(similar, names)}?"
        if similar
        else "core.economies lists the economies, with their names and ISO 3166 codes.",
    )


def list_names(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Map each code, each name in lower case and each short name in capitals to the code of the economy."""
    if connection not in _NAMES:
        economies = _read_economies(connection)
        codes = {code: code for code, _, _ in economies}
        called = {name.casefold(): code for code, name, _ in economies} | SPOKEN | _list_korean_names()
        short = {name.upper(): code for name, code in called.items() if name.isascii() and len(name) < SHORT}
        _NAMES[connection] = {name: code for name, code in (called | short | codes).items() if code in codes}
    return _NAMES[connection]


def _read_economies(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, bool]]:
    """Read, once for each connection, the code and the name of each economy and whether it is a group."""
    if connection not in _ECONOMIES:
        sql = "select economy_code, name, is_aggregate from core.economies order by name"
        _ECONOMIES[connection] = connection.execute(sql).fetchall()
    return _ECONOMIES[connection]


def _find_korean(text: str) -> str:
    """Return the code of a country named in Korean; a particle may follow (한국의), or 대 precede (대중국)."""
    known = _list_korean_names()
    said = "".join(text.split())
    bare = re.sub(rf"(?:{PARTICLES})$", "", said)
    return next(
        (
            known[one]
            for one in (said, bare, said[1:], bare[1:])
            if one in known and (one[:1] == said[:1] or said[0] == "대")
        ),
        "",
    )


def _simplify_name(text: str) -> str:
    """Simplify a name for comparison: lower case, no accents, no punctuation, no `the` at the beginning."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in letters if not unicodedata.combining(letter)))
    return " ".join(words[1:] if words[:1] == ["the"] else words)


@cache
def _list_korean_names() -> dict[str, str]:
    short = {"한국": "KOR", "대만": "TWN", "홍콩": "HKG", "러시아": "RUS", "베트남": "VNM", "북한": "PRK"}
    return _translate_names("ko") | short | TRADE_WITH


def list_names_in(language: str) -> dict[str, str]:
    """Map the names of countries in a language to their codes; English includes variants and adjectives."""
    import pycountry

    if language == "ko":
        return {name: code for name, code in _list_korean_names().items() if name not in TRADE_WITH}
    if language != "en":
        return _translate_names(language)
    called = {
        name: country.alpha_3
        for country in pycountry.countries
        for name in (country.name, getattr(country, "common_name", country.name))
    }
    return called | SPOKEN | ADJECTIVES


def _translate_names(language: str) -> dict[str, str]:
    from gettext import translation

    import pycountry

    languages = [language, f"{language}_CN"]
    words = translation("iso3166-1", pycountry.LOCALES_DIR, languages=languages)
    return {words.gettext(country.name): country.alpha_3 for country in pycountry.countries}


def _look_up_name(text: str) -> str:
    """Return the alpha-3 code of the country that has a text as a code or a name in ISO 3166, or '' if none has."""
    import pycountry

    try:
        return str(pycountry.countries.lookup(text.strip()).alpha_3)
    except LookupError:
        return ""


def _list_choices(codes: list[str], names: dict[str, str]) -> str:
    *rest, last = [f"{code} ({names[code]})" for code in codes]
    return f"{', '.join(rest)} or {last}" if rest else last
