"""The command `article`: a whole article, each of its numbers on trade beside the official figure.

Here: what is taken from the command line, files and standard input, and how an answer is shown: as text, as JSON, and
as a page with the article's own words marked. Not here: reading and judging (`claims.article`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.claims import COLOURS, open_evaluator
from dagster_project.cli.options import JsonOption, PublishedOption, parse_published_day, read_input
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.claims.article import Answer

# A longer text is no article.
LONGEST = 200_000


def article(
    project: Project,
    place: Annotated[str, typer.Argument(metavar="FILE", help="Text or Markdown; - reads standard input.")],
    published: PublishedOption = None,
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Whose trade with whom it is about, such as KOR CHN. Default: what its headline names."),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page that shows the article with its marks.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a whole article: every number and dated event on trade, with a verdict or the figure beside it.

    A number gets a verdict only where every word of its sentence was read. Else the official figure stands beside it,
    with the words that were not understood. Numbers that are not about trade are left alone.
    """
    from dagster_project.claims import article as articles
    from dagster_project.reference import economies

    day = parse_published_day(published)
    text = read_input(place, "Name a file of text or Markdown, or - for standard input.")
    if len(text) > LONGEST:
        raise BilateralError(f"An article has at most {LONGEST:,} characters.", remedy="Check it in parts.")
    with open_evaluator(project) as evaluator:
        about = None
        if pair is not None:
            reporter, partner = (economies.find_code(evaluator.connection, one) for one in pair)
            about = (reporter, partner)
        answers = articles.read_article(evaluator, text, day, pair=about)
    summary = "Nothing on trade that can be checked was found."
    if answers:
        summary = f"{len(answers)} statements on trade: {articles.count_verdicts([one.verdict for one in answers])}."
    if html is not None:
        with atomic_write(html) as half:
            half.write_text(_render_page(text, answers, summary), encoding="utf-8")
        console.print_done(f"The page is {html}.", console.err)
    if as_json:
        formats.write_json([_make_record(one) for one in answers], indent=2)
    else:
        _print_answers(answers, summary)


def _make_record(answer: Answer) -> dict[str, Any]:
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


def _print_answers(answers: Sequence[Answer], summary: str) -> None:
    console.print_text(f"[bold]{escape(summary)}[/]")
    sentence = None
    for one in answers:
        if one.sentence != sentence:
            sentence = one.sentence
            console.print_text(f"\n[bold]{escape(sentence.strip())}[/]")
        colour = COLOURS.get(one.verdict, "dim")
        console.print_text(f"  [{colour}]{escape(one.verdict)}[/]  {escape(one.reading.text)}: {escape(one.reason)}")
        for name, text in (("Rather", one.wording), ("Source", one.citation)):
            if text:
                console.print_text(escape(f"    {name}: {text}"), "dim")


def _render_page(text: str, answers: Sequence[Answer], summary: str) -> str:
    """Render the article with its numbers marked, and below what the figures say to each."""
    from dagster_project.claims.article import rank_verdict
    from dagster_project.claims.lexicon import detect_language
    from dagster_project.publication.html import render_page

    pieces: list[tuple[str, str, str, list[int]]] = []
    at = 0
    for start, end, numbers in _find_marks(answers):
        worst = min((answers[n].verdict for n in numbers), key=rank_verdict)
        pieces.append((text[at:start], text[start:end], worst, numbers))
        at = end
    pieces.append((text[at:], "", "", []))
    values = {"language": detect_language(text), "summary": summary, "pieces": pieces, "answers": answers}
    return render_page(Path(__file__).with_suffix(".html.j2"), **values)


def _find_marks(answers: Sequence[Answer]) -> Iterator[tuple[int, int, list[int]]]:
    """Find the places to mark, in order and without overlap, each with the numbers of its answers."""
    begin, stop = 0, 0
    numbers: list[int] = []
    for n in sorted(range(len(answers)), key=lambda n: (answers[n].reading.start, answers[n].reading.end)):
        reading = answers[n].reading
        if numbers and reading.start >= stop:
            yield begin, stop, numbers
            numbers = []
        begin = begin if numbers else reading.start
        stop = max(stop, reading.end)
        numbers = [*numbers, n]
    if numbers:
        yield begin, stop, numbers
