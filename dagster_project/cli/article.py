"""The command `article`: a whole article, each of its numbers on trade beside the official figure.

Here: what is taken from the command line, files and standard input, and how an answer is shown: as text, as JSON, and
as a page with the article's own words marked. Not here: reading and judging (`claims.article`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
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
    text = _read(place)
    with evaluator_of(project_of(context)) as evaluator:
        about = None
        if pair is not None:
            reporter, partner = (economies.code_of(evaluator.connection, one) for one in pair)
            about = (reporter, partner)
        answers = articles.read_article(evaluator, text, known.end if known else datetime.now(UTC).date(), pair=about)
    if html is not None:
        with atomic_write(html) as half:
            half.write_text(_write_page(text, answers), encoding="utf-8")
        console.done(f"The page is {escape(str(html))}.", console.err)
    if as_json:
        told = [_record(one) for one in answers]
        console.out.out(json.dumps(told, ensure_ascii=False, indent=2, default=str), highlight=False)
    else:
        _show(answers)


def _read(place: str) -> str:
    """Read a file, or standard input."""
    if place == "-" and sys.stdin is None:
        raise BilateralError("Standard input is closed.", remedy="Name a file of text or Markdown.")
    if place != "-" and not Path(place).is_file():
        remedy = "Name a file of text or Markdown, or - for standard input."
        raise BilateralError(f"There is no file {place}.", remedy=remedy)
    with in_utf_8("Standard input" if place == "-" else place):
        content = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
        text = content.decode("utf-8-sig")
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
    from dagster_project.claims.article import count_verdicts

    if not answers:
        return "Nothing on trade that can be checked was found."
    return f"{len(answers)} statements on trade: {count_verdicts([one.verdict for one in answers])}."


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


def _write_page(text: str, answers: Sequence[Answer]) -> str:
    """Write the article with its numbers marked, and below what the figures say to each."""
    from dagster_project.claims.article import rank_verdict
    from dagster_project.claims.lexicon import language_of
    from dagster_project.publication.html import template

    pieces: list[tuple[str, str, str, list[int]]] = []
    at = 0
    for start, end, numbers in _places(answers):
        worst = min((answers[n].verdict for n in numbers), key=rank_verdict)
        pieces.append((text[at:start], text[start:end], worst, numbers))
        at = end
    pieces.append((text[at:], "", "", []))
    page = template(Path(__file__).with_suffix(".html.j2"))
    return page.render(language=language_of(text), summary=_summary(answers), pieces=pieces, answers=answers)


def _places(answers: Sequence[Answer]) -> list[tuple[int, int, list[int]]]:
    """Return the places to mark, each with the answers that it has, in order and without overlap."""
    places: list[tuple[int, int, list[int]]] = []
    for n in sorted(range(len(answers)), key=lambda n: (answers[n].reading.start, answers[n].reading.end)):
        start, end = answers[n].reading.start, answers[n].reading.end
        if places and start < places[-1][1]:
            first, last, numbers = places.pop()
            places.append((first, max(last, end), [*numbers, n]))
        else:
            places.append((start, end, [n]))
    return places
