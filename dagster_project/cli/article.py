"""The command `article`: a whole article, each of its numbers on trade beside the official figure.

Here: what is taken from the command line, files and standard input, and how an answer is shown: as text, as JSON, and
as a page with the article's own words marked. Not here: reading and judging (`claims.article`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import console
from dagster_project.cli.claims import COLOURS, evaluator_of
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, in_utf_8

if TYPE_CHECKING:
    from dagster_project.claims.article import Answer

# A longer text is no article.
LONGEST = 200_000


def article(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="FILE", help="Text or Markdown; - reads standard input.")],
    published: Annotated[
        str | None, typer.Option(help="The day of publication, from which `last year` is read. Default: today.")
    ] = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Whose trade with whom it is about, such as KOR CHN. Default: what its headline names."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page that shows the article with its marks.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Check a whole article: every number and dated event on trade, with a verdict or the figure beside it.

    A number gets a verdict only where every word of its sentence was read. Else the official figure stands beside it,
    with the words that were not understood. Numbers that are not about trade are left alone.
    """
    from dagster_project.claims import article as articles
    from dagster_project.claims.printed import day
    from dagster_project.reference import economies

    known = day(published) if published else None
    if published and known is None:
        raise BilateralError(f"{published} is no day.", remedy="Write --published 2025-12-15.")
    text = _text(place)
    with evaluator_of(project_of(context)) as evaluator:
        about = None
        if pair is not None:
            reporter, partner = (economies.code_of(evaluator.connection, one) for one in pair)
            about = (reporter, partner)
        answers = articles.read(evaluator, text, known.end if known else datetime.now(UTC).date(), pair=about)
    if html is not None:
        with atomic_write(html) as half:
            half.write_text(_page(text, answers), encoding="utf-8")
        console.done(f"The page is {escape(str(html))}.", console.err)
    if as_json:
        told = [_record(one) for one in answers]
        console.out.out(json.dumps(told, ensure_ascii=False, indent=2, default=str), highlight=False)
    else:
        _show(answers)


def _text(place: str) -> str:
    if place == "-" and sys.stdin is None:
        raise BilateralError("Standard input is closed.", remedy="Name a file of text or Markdown.")
    if place == "-":
        with in_utf_8("Standard input"):
            text = sys.stdin.buffer.read().decode("utf-8-sig")
    elif not Path(place).is_file():
        raise BilateralError(
            f"There is no file {place}.", remedy="Name a file of text or Markdown, or - for standard input."
        )
    else:
        with in_utf_8(place):
            text = Path(place).read_text(encoding="utf-8-sig")
    if len(text) > LONGEST:
        raise BilateralError(f"An article has at most {LONGEST:,} characters.", remedy="Check it in parts.")
    return text


def _record(answer: Answer) -> dict[str, Any]:
    reading = answer.reading
    return {
        "verdict": answer.verdict,
        "text": reading.text,
        "start": reading.start,
        "end": reading.end,
        "sentence": answer.sentence.strip(),
        "read_as": dict(reading.slots) or None,
        "figure": answer.figure,
        "reason": answer.reason,
        "wording": answer.wording,
        "citation": answer.citation,
        "not_understood": list(reading.unread),
        "not_certain": list(reading.why),
    }


def _summary(answers: Sequence[Answer]) -> str:
    from dagster_project.claims.article import overall

    if not answers:
        return "Nothing on trade that can be checked was found."
    return f"{len(answers)} statements on trade: {overall([one.verdict for one in answers])}."


def _show(answers: Sequence[Answer]) -> None:
    console.echo(f"[bold]{escape(_summary(answers))}[/]")
    sentence = None
    for one in answers:
        if one.sentence != sentence:
            sentence = one.sentence
            console.echo(f"\n[bold]{escape(sentence.strip())}[/]")
        colour = COLOURS.get(one.verdict, "dim")
        console.echo(f"  [{colour}]{escape(one.verdict)}[/]  {escape(one.reading.text)}: {escape(one.reason)}")
        for name, text in (("Rather", one.wording), ("Source", one.citation)):
            if text:
                console.echo(escape(f"    {name}: {text}"), "dim")


_STYLE = """
body { font: 1.05rem/1.65 Georgia, "Noto Serif CJK KR", serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
article { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: #eee; color: inherit; border-bottom: 3px solid #767676; padding: 0 .1em; }
mark.supported, mark.supported_rounded { background: #e3f4e3; border-color: #2e7d32; }
mark.contradicted { background: #fde3e1; border-color: #b3261e; }
mark.reporter_dependent, mark.differs_in_last_digit { background: #fdf1d3; border-color: #8a6100; }
mark.compared { background: #e4eefb; border-color: #1a5fb4; }
sup a { text-decoration: none; } li { margin: .6rem 0; } li b { font-family: sans-serif; font-size: .85rem; }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e8e8e8; } a { color: #9cc4ff; }
  mark, mark[class] { background: #2b2f36; } }
"""


def _page(text: str, answers: Sequence[Answer]) -> str:
    """The article with its numbers marked, and below what the figures say to each."""
    from html import escape as plain

    from dagster_project.claims.article import rank
    from dagster_project.claims.lexicon import language_of

    parts: list[str] = []
    at = 0
    for start, end, numbers in _marks(answers):
        worst = min((answers[n].verdict for n in numbers), key=rank)
        told = " ".join(f"{answers[n].verdict}: {answers[n].reason}" for n in numbers)
        links = "".join(f'<sup><a href="#n{n + 1}">{n + 1}</a></sup>' for n in numbers)
        parts.append(plain(text[at:start]))
        parts.append(f'<mark class="{plain(worst)}" title="{plain(told)}">{plain(text[start:end])}</mark>{links}')
        at = end
    parts.append(plain(text[at:]))
    notes = "\n".join(
        f'<li id="n{n}"><b>{plain(one.verdict.replace("_", " "))}</b> <q>{plain(one.reading.text)}</q> '
        + plain(one.reason)
        + "".join(
            f"<br>{name}: {plain(said)}" for name, said in (("Rather", one.wording), ("Source", one.citation)) if said
        )
        + "</li>"
        for n, one in enumerate(answers, start=1)
    )
    return (
        f'<!doctype html>\n<html lang="{language_of(text)}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>An article, checked</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n"
        f"<p><strong>{plain(_summary(answers).replace('_', ' '))}</strong></p>\n"
        f"<article>{''.join(parts)}</article>\n<ol>\n{notes}\n</ol>\n</body>\n</html>\n"
    )


def _marks(answers: Sequence[Answer]) -> Iterator[tuple[int, int, list[int]]]:
    """The places to mark, each with the answers that it has, in order and without overlap."""
    order = sorted(range(len(answers)), key=lambda n: (answers[n].reading.start, answers[n].reading.end))
    start, end, numbers = -1, -1, list[int]()
    for n in order:
        one = answers[n].reading
        if one.start < end:
            end = max(end, one.end)
            numbers.append(n)
            continue
        if numbers:
            yield start, end, numbers
        start, end, numbers = one.start, one.end, [n]
    if numbers:
        yield start, end, numbers
