"""Load the lexicons: the meanings of words and phrases in each language.

Here: reading the files of `claims/lexicons`, adding the names of economies and metrics, and looking phrases up. Not
here: finding them in a text (`tokens`). A language is one file. It lists kinds of words, the meanings of each kind, and
the phrases for each meaning, separated by commas. The code refers to kinds and never to words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.reference import economies

FOLDER = Path(__file__).parent / "lexicons"
# Units of metrics that sentences do not name by the catalogue's names.
_ELSEWHERE = {"rank", "percent", "date", "order"}
# A hyphen between letters joins words, one beside a digit is a minus or a range.
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[\s\S])|(?<=[^ ])-(?=[^\W\d_])")
# Dashes, quotes and wide signs are read as their plain siblings; each is one character, so places stay.
PLAIN = {
    **dict.fromkeys(map(ord, "−–‑‒－"), "-"),
    **dict.fromkeys(map(ord, "’‘`"), "'"),
    **dict.fromkeys(map(ord, "∼～〜〰"), "~"),
    **dict.fromkeys(map(ord, "\u00a0\u3000\u2009\u202f\t"), " "),
    **{ord("０") + digit: str(digit) for digit in range(10)},
    ord("，"): ",", ord("。"): ".", ord("（"): "(", ord("）"): ")", ord("％"): "%", ord("："): ":", ord("；"): ";",
       ord("、"): ",", ord("＄"): "$", ord("．"): ".",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words of one language."""

    language: str
    has_spaces: bool  # whether words stand apart
    has_particles: bool  # whether a word ends in particles
    senses: Mapping[str, Mapping[str, str]]  # the values of each phrase, by kind
    lengths: Mapping[str, tuple[int, ...]]  # the lengths of the phrases that begin with a character, the longest first
    implied: str  # the reporter if only the other economy is named, by a word for trade with it; empty if nobody

    def list_phrases(self, text: str, start: int) -> Iterator[tuple[int, Mapping[str, str]]]:
        """List the phrases that begin at a place in a text, the longest first, each with its end."""
        for length in self.lengths.get(text[start], ()):
            senses = self.senses.get(text[start : start + length])
            if senses is not None and start + length <= len(text):
                yield start + length, senses


def detect_language(text: str) -> str:
    """Detect the language of a text by its script."""
    hangul = sum("가" <= letter <= "힣" for letter in text)
    han = sum("一" <= letter <= "鿿" for letter in text)
    letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    if hangul * 3 > letters and hangul * 2 > han:
        return "ko"
    return "zh" if han * 3 > letters else "en"


@cache
def load_lexicon(language: str) -> Lexicon:  # noqa: C901 - one kind of phrase after another
    """Load the lexicon of a language."""
    content = load_yaml((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    marks = content.pop("marks")
    senses: dict[str, dict[str, str]] = {}

    def add_phrase(kind: str, value: object, phrase: str) -> None:
        plain = fold_text(phrase.strip())
        if plain:
            senses.setdefault(plain, {}).setdefault(kind, str(value))

    for kind, values in content.items():
        for value, phrases in values.items():
            for phrase in str(phrases).split(","):
                add_phrase(kind, value, phrase)
    # From a year earlier: what a growth is on, made of a word and what it is compared with.
    for before in marks.get("basis", ()):
        for phrase in (one for one in [*senses] if "earlier" in senses[one]):
            add_phrase("basis", "year", f"{before} {phrase}")
    for metric in catalogue.load_metrics().values():
        if metric.figures and not metric.item and metric.unit not in _ELSEWHERE:
            for name in metric.names.get(language, ()):
                if not senses.get(fold_text(name), {}).keys() & {"side", "trade", "metric", "rank"}:
                    add_phrase("metric", metric.name, name)
    for name, code in economies.list_names_in(language).items():
        add_phrase("economy", code, name)
        for before in marks.get("toward", ()):
            add_phrase("toward", code, f"{before}{name}")
    for name, code in economies.ADJECTIVES.items() if language == "en" else ():
        add_phrase("adjective", code, name)
        for goods in marks.get("goods", ()):
            for kind in ("economy", "adjective", "goods"):
                add_phrase(kind, code, f"{name} {goods}")
    lengths: dict[str, set[int]] = {}
    for phrase in senses:
        lengths.setdefault(phrase[0], set()).add(len(phrase))
    return Lexicon(
        language,
        has_spaces=marks["spaces"],
        has_particles=marks["particles"],
        senses=senses,
        lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
        implied=marks.get("implied", ""),
    )


def fold_text(text: str) -> str:
    """Fold a text for comparison with phrases: lower case, plain signs. Each character becomes one character."""
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text.translate(PLAIN))
    return _HYPHEN.sub(" ", lower)


@cache
def _load_simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplify_chinese(text: str) -> str:
    """Write a Chinese text in simplified characters; each character becomes one character."""
    convert = _load_simplifier().convert
    whole = str(convert(text))
    return whole if len(whole) == len(text) else "".join(str(convert(letter))[:1] or letter for letter in text)
