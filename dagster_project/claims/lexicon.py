"""Load the lexicons: the meanings of words and phrases in each language.

Each language has a file in `claims/lexicons` with kinds of words (for example `move`), the meanings of a kind (`up`),
and the phrases for a meaning ("rose, grew"). The names of economies and metrics are added when the file is loaded. The
code refers to kinds, never to words. Not here: finding phrases in a text (`tokens`).
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
# Units of metrics whose names in the catalogue are not used in sentences.
_ELSEWHERE = {"rank", "percent", "date", "order"}
# A hyphen between letters joins words; beside a digit it is a minus or a range.
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[\s\S])|(?<=[^ ])-(?=[^\W\d_])")
# Dashes, quotes and wide characters, each with its plain form of one character, so offsets stay the same.
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

    has_spaces: bool  # whether spaces separate words
    has_particles: bool  # whether particles are attached to words, as in Korean
    senses: Mapping[str, Mapping[str, str]]  # the meanings of each phrase, by kind: {"rose": {"move": "up"}}
    lengths: Mapping[str, tuple[int, ...]]  # the lengths of the phrases that begin with a character, the longest first
    implied: str  # the reporter of a word such as 대중 (with China), KOR in Korean; empty if none

    def list_phrases(self, text: str, start: int) -> Iterator[tuple[int, Mapping[str, str]]]:
        """List the ends and meanings of the phrases that begin at an offset of a text, the longest first."""
        for length in self.lengths.get(text[start], ()):
            senses = self.senses.get(text[start : start + length])
            if senses is not None and start + length <= len(text):
                yield start + length, senses


def detect_language(text: str) -> str:
    """Detect the language of a text (`en`, `ko` or `zh`) by its script."""
    hangul = sum("가" <= letter <= "힣" for letter in text)
    han = sum("一" <= letter <= "鿿" for letter in text)
    letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    if hangul * 3 > letters and hangul * 2 > han:
        return "ko"
    return "zh" if han * 3 > letters else "en"


@cache
def load_lexicon(language: str) -> Lexicon:  # noqa: C901 - one kind of phrase after another
    """Load the lexicon of a language, with the names of economies and metrics."""
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
    # "from" and "a year earlier" make "from a year earlier", the basis of a growth rate.
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
        has_spaces=marks["spaces"],
        has_particles=marks["particles"],
        senses=senses,
        lengths={first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
        implied=marks.get("implied", ""),
    )


def fold_text(text: str) -> str:
    """Convert a text to lower case and plain characters of the same length, for a comparison with phrases."""
    lower = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text.translate(PLAIN))
    return _HYPHEN.sub(" ", lower)


@cache
def _load_simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplify_chinese(text: str) -> str:
    """Convert a Chinese text to simplified characters, without changing its length."""
    convert = _load_simplifier().convert
    whole = str(convert(text))
    return whole if len(whole) == len(text) else "".join(str(convert(letter))[:1] or letter for letter in text)
