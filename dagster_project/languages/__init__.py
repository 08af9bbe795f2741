"""Choose the language of texts for readers, and translate texts into it with a catalogue of messages.

The package and the warehouse write whole English sentences. A message of the catalogue (`ko/messages.po`) is an English
sentence with its translation. A message may have placeholders, for example `The figures give {value}.`: the values in a
matching text are translated and put into the Korean message. So sentences that a build stored in tables are translated,
too. A text without a message stays English.

Not here: amounts, days and particles (`korean`), answers (`sql/questions/ko`), and collecting texts (`babel.cfg`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
from dagster_project.languages import korean

if TYPE_CHECKING:
    from babel.messages import Catalog

VARIABLE = "BILATERAL_LANG"
LANGUAGES = ("en", "ko")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_CHOSEN: ContextVar[str | None] = ContextVar("language", default=None)
_PLACE = re.compile(r"\{(\w+)\}")
# Amounts in words, "18.0 billion dollars", and the parts of their short form "US$18.0bn".
_IN_WORDS = re.compile(r"(\d[\d,.]*) (thousand|million|billion|trillion) (dollars|won|yuan|yen)\b")
_SHORT = {"thousand": " thousand", "million": "m", "billion": "bn", "trillion": "tn"} | {
    "dollars": "US$", "won": "KRW ", "yuan": "CNY ", "yen": "JPY "
}  # fmt: skip
# The end of a sentence.
_END = r"(?<!U\.S)[.!?;:] (?=[A-Z0-9−`])"
# The pattern of a place, by the beginning of its name; other places match any text within a sentence.
_KINDS = {
    "number": r"[−-]?\d[\d,.]*?",
    "periods": r"\d{4}[\d–-]*(?:(?:, | and | or | to )\d{4}[\d–-]*)*",  # years or months
    "year": r"\d{4}",
    "date": r"\d{4}(?:-\d\d){0,2}",
    "moment": r"(?:on|in|from) \d[\d-]+(?: to \d[\d-]+)?",
    "ordinal": rf"(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))",
    # The subject of a verdict's sentence.
    "statistics": rf"(?:[Tt]he figures|[Tt]he dates on record|(?:(?!{_END}).)+? statistics"
    rf"|[Ff]igures of (?:(?!{_END}).)+?, known here only (?:from print|as quoted in (?:(?!{_END}).)+?),)",
    "identifier": r"\w+",  # a code
    "command": r"`[^`]*`",
    "noted": r"`[^`]*` \([^()]*\)",  # a command with a note
    "word": rf"(?:(?!{_END}|; ).)+?",  # words of a text that is read, which stay as they are
    "goods": r"[^'.;]+?",
    "sections": r"\[\w+\](?:(?:, | and )\[\w+\])*",  # sections of bilateral.toml
    "economy": r"[^.;:]+?",  # an economy that has a name here
    "codes": r"[\w-]+(?:(?:, | and )[\w-]+)*",
    "series": rf"(?:(?!{_END}| by month).)+?",
    "text": rf"(?:(?!{_END}|, and ).)+?(?<!\.)",
    "texts": rf"(?:(?!{_END}).)+?",  # a list of texts
}


def get_language() -> str:
    """Return the chosen language, or else the language in the environment variable, or else `en`."""
    return _CHOSEN.get() or check_language(os.environ.get(VARIABLE)) or LANGUAGES[0]


def check_language(language: str | None) -> str | None:
    """Check that a language is one of `LANGUAGES`, and return it; return None for an empty text.

    Raises:
        BilateralError: The language is not one of `LANGUAGES`.
    """
    if language and language not in LANGUAGES:
        raise BilateralError(f"There is no language {language!r}.", remedy=f"Use one of {', '.join(LANGUAGES)}.")
    return language or None


def choose_language(language: str | None) -> None:
    """Choose the language of all texts from now on; None chooses the language in the environment variable."""
    _CHOSEN.set(check_language(language))


@contextmanager
def use_language(language: str | None) -> Iterator[None]:
    """Choose the language of the texts that a `with` block writes."""
    token = _CHOSEN.set(check_language(language))
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def translate(text: str, **values: object) -> str:
    """Translate a text into the chosen language, and fill `values` into the placeholders."""
    if get_language() == "en":
        return text.format(**values) if values else text
    written = _translate_text(text, get_language())
    return korean.attach_particles(written.format(**values)) if values else written


@cache
def _read_catalogue(language: str) -> Catalog:
    from babel.messages.pofile import read_po

    with (Path(__file__).parent / language / "messages.po").open("rb") as file:
        return read_po(file)


@cache
def read_messages(language: str) -> Mapping[str, str]:
    """Read the messages of a language; add Unicode CLDR's names of countries, by English name and by ISO code."""
    from babel import Locale
    from pycountry import countries

    every = _read_catalogue(language)
    messages = {str(one.id): str(one.string) for one in every if one.id and one.string and not one.fuzzy}
    english, own = Locale("en").territories, Locale(language).territories
    for country in countries:
        messages.setdefault(english[country.alpha_2], own[country.alpha_2])
        messages.setdefault(country.alpha_3, messages[english[country.alpha_2]])
    return messages


@cache
def _list_patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """List the messages with placeholders, each as a pattern and its translation; the most specific come first."""
    composed = {one.id for one in _read_catalogue(language) if one.auto_comments}
    with_places = [one for one in read_messages(language).items() if one[0] in composed]
    with_places.sort(key=lambda one: len(_PLACE.sub("", one[0])), reverse=True)
    return [(re.compile(_make_pattern(message)), translated) for message, translated in with_places]


def _make_pattern(message: str) -> str:
    pattern, *rest = _PLACE.split(message)
    pattern, seen = re.escape(pattern), set[str]()
    for name, text in zip(rest[::2], rest[1::2], strict=True):
        kind = name.rstrip("0123456789").partition("_")[0]
        pattern += f"(?P={name})" if name in seen else f"(?P<{name}>{_KINDS.get(kind, _KINDS['text'])})"
        pattern += re.escape(text)
        seen.add(name)
    return pattern


@lru_cache(maxsize=4096)
def _translate_text(text: str, language: str) -> str:
    if (whole := _find_message(text, language)) is not None:
        return whole
    ends = [found.start() + 1 for found in re.finditer(_END, text)]
    for end in reversed(ends):
        if (first := _find_message(text[:end], language)) is not None:
            return f"{first} {_translate_text(text[end + 1 :], language)}"
    if ends:
        return f"{korean.convert_values(text[: ends[0]])} {_translate_text(text[ends[0] + 1 :], language)}"
    return ", ".join(_list_items(text, language) or [korean.convert_values(text)])


@lru_cache(maxsize=4096)
def _find_message(text: str, language: str) -> str | None:
    """Translate a text that equals a message, or matches one with placeholders; None if no message fits."""
    messages, forms = read_messages(language), (text, text[:1].lower() + text[1:], text[:1].upper() + text[1:])
    bare = forms[1].removeprefix("the ")
    for exact in (*forms, bare, bare[:1].upper() + bare[1:]):
        if exact in messages:
            return messages[exact]
    for pattern, translated in _list_patterns(language):
        if found := next(filter(None, map(pattern.fullmatch, forms)), None):
            values = {name: _translate_value(name, value, language) for name, value in found.groupdict().items()}
            if None not in values.values():
                return korean.attach_particles(_PLACE.sub(lambda place, of=values: str(of[place[1]]), translated))  # type: ignore[misc]
    return None


def _translate_value(name: str, value: str, language: str) -> str | None:
    """Translate the value of a message's placeholder; None if it is an economy without a known name."""
    if name.startswith(("number_", "word_")):
        return value
    if name.startswith("ordinal_"):
        return found[0] if (found := re.match(r"\d+", value)) else str(ORDINALS.index(value) + 1)
    if name.startswith(("code_", "codes_", "sections_")):
        return re.sub(", | and ", "·" if name.startswith("sections_") else ", ", value)
    if name.startswith("periods") or re.fullmatch(r"\d{4}([\d-]*\.\.[\d-]+)?", value):
        return korean.convert_periods(value)
    if name == "months":
        return korean.convert_values(value).replace(" to ", "~")
    if name.startswith("list_"):
        return korean.convert_values(value.replace(" and ", ", "))
    if name.startswith("economy_"):
        called = re.sub("^[Tt]he ", "", value)
        return read_messages(language).get(called) or read_messages(language).get(called.capitalize())
    shortened = _IN_WORDS.sub(lambda one: f"{_SHORT[one[3]]}{one[1]}{_SHORT[one[2]]}", value.removesuffix(","))
    return _translate_text(shortened, language)


def _list_items(text: str, language: str) -> list[str]:
    """Translate the items of a list such as "exports and imports"; return [] if an item has no message."""
    if (whole := _find_message(text, language)) is not None:
        return [whole]
    for found in re.finditer(r", and |, |; | and | or | \+ ", text):
        first = _find_message(text[: found.start()], language)
        if first is not None and (others := _list_items(text[found.end() :], language)):
            return [first, *others]
    return []
