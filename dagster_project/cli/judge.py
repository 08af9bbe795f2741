"""The commands `judge`, `article` and `metrics`: claims and whole articles against the figures.

Here: what is taken from the command line, files and standard input, and how an answer is shown: as text, as JSON, and
as a page with the article's own words marked. Not here: what a line means (`claims.inputs`), reading an article
(`claims.article`), and judging (`claims.judging`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from typer import Argument, Option

from dagster_project.cli import console, formats, options
from dagster_project.cli.claims import COLOURS, format_values, open_evaluator, print_sql
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.claims.article import Answer

FILE_ENDINGS = {".csv", ".yml", ".yaml", ".json", ".txt"}
# A longer text is no article.
LONGEST = 200_000


def metrics(
    name: str | None = Argument(None, help="A metric, for all about it."),
    form: options.FormatOption = "table",
) -> None:
    """List the metrics that claims, citations and the report know, or show one."""
    from dagster_project.metrics import catalogue

    if name is not None:
        console.print_record(describe_metric(name), form)
        return
    rows = [
        [m.name, ", ".join(m.names["en"][:2]), ", ".join(m.names["ko"][:2]), m.unit, " ".join(m.frequencies), m.what]
        for m in catalogue.load_metrics().values()
    ]
    console.print_records(["metric", "in English", "in Korean", "unit", "by", "what"], rows, form)


def describe_metric(name: str) -> dict[str, str]:
    """Describe a metric: what it counts and is confused with, and what values and comparators a claim takes."""
    from dagster_project.claims import statements
    from dagster_project.metrics import catalogue

    metric = catalogue.find_metric(name)
    if metric is None:
        near = ", ".join(catalogue.find_similar(name))
        remedy = f"Did you mean {near}?" if near else "See `bilateral metrics`."
        raise BilateralError(f"There is no metric {name}.", remedy=remedy)
    return catalogue.describe_metric(metric) | statements.describe_slots(metric)


def judge(
    project: Project,
    claim: list[str] | None = Argument(
        None,
        help="The claim: balance KOR CHN 2023 = -18bn, or a sentence. Or files of many: CSV, YAML, JSON or text, a "
        "claim a line; - reads standard input. A CSV has a column claim, or metric, reporter, partner, period, "
        "comparator and says; and, if you like, claim_id, published_on, publisher, url and names_reporter.",
    ),
    published: options.PublishedOption = None,
    as_json: options.JsonOption = False,
    sql: bool = Option(False, "--sql", help="Print the SQL of each side, also in JSON."),
    register: str | None = Option(
        None, metavar="ARTICLE", help="Put the claims into the register, under this article."
    ),
    publisher: str | None = Option(None, help="Who published them."),
) -> None:
    """Judge claims without SQL: by the figures of now and of their day, with both sides' statistics.

    A sentence that was not read for certain has no verdict: it is compared, with the figure and what was not read.
    Exits with 0 if every claim is judged or compared, whatever the verdict, and with 1 if one cannot be read.
    """
    from dagster_project.claims import inputs, judging
    from dagster_project.claims import register as claims

    today = options.parse_published_day(published)
    rows, is_typed = _read_claims(list(claim or []))
    given = {name: value for name, value in (("publisher", publisher), ("published_on", published)) if value}
    rows = [given | row for row in rows]
    if others := inputs.list_unknown_columns(rows):
        console.print_text(escape(f"Left out: {', '.join(others)}. A claim has no such column."), "dim", to=console.err)
    if register is not None:
        project = options.require_checkout(project)
    head: dict[str, str] = {}
    with open_evaluator(project) as evaluator:
        if register is not None:
            # They are judged as the register will: by its day, and with whose statistics it names.
            said = inputs.find_head(evaluator.connection, rows)
            head = claims.describe_head(project.claims, register, said, today=today)
        records, entries, faults = judging.judge_rows(evaluator, [head | row for row in rows], today)
    if register is not None:
        unsure = [one["statement"] for one in records if one.get("verdict") in {"compared", "refused"}]
        if unsure:
            faults.append(f"{unsure[0]!r} was not read for certain: register it as lines, or by its parts.")
        if not faults:
            path = claims.add_claims(project.claims, register, entries, head)
            count = console.format_count(len(entries), "claim")
            console.print_done(f"{count} added to {path}. The next build publishes them.", console.err)
    if not is_typed:
        # No shell has taken anything out of these.
        records = [one | {"unmarked": None} if "unmarked" in one else one for one in records]
    if as_json:
        shown = [{name: one[name] for name in one if sql or not name.endswith("_sql")} for one in records]
        formats.write_json(shown, indent=2)
    else:
        _print_judged([one for one in records if inputs.FAULT not in one], sql=sql, several=len(records) > 1)
    if faults:
        nothing = "" if register is None else " Nothing is added to the register."
        remedy = f"The others are judged.{nothing}" if len(records) > len(faults) else None
        raise BilateralError("\n".join(faults), remedy=remedy)


def _read_claims(words: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """Read the claims, and whether they were typed: a shell has read them then."""
    from dagster_project.claims import inputs

    remedy = "Name a CSV, YAML, JSON or text file of claims, or write a claim."
    if not words and sys.stdin is not None and not sys.stdin.isatty():
        words = ["-"]
    if not words:
        raise BilateralError("There is no claim.", remedy=f"Write one: bilateral judge {inputs.EXAMPLE}")
    if words == ["-"] or all(Path(word).suffix in FILE_ENDINGS for word in words):
        return [row for word in words for row in inputs.read_rows(options.read_input(word, remedy))], False
    return [{"claim": words if len(words) > 1 else words[0]}], True


def _print_judged(records: list[dict[str, Any]], *, sql: bool, several: bool) -> None:
    """Print each record; before those of a sentence, what came of it as a whole."""
    from dagster_project.claims import article

    for before, one in zip([None, *records], records, strict=False):
        if before is None or before["claim_id"] != one["claim_id"]:
            verdicts = [each["verdict"] for each in records if each["claim_id"] == one["claim_id"]]
            if len(verdicts) > 1 and ("unread" in one or one["read_as"]):
                console.print_text(f"[bold]{article.count_verdicts(verdicts)}[/]  {escape(one['statement'])}")
        _print_record(one)
        if sql and "unit" in one:
            print_sql(one, f"Evidence ({format_values(one)[1] or 'no figure'})")
        if several or sql:
            console.print_text("")


def _print_record(row: dict[str, Any]) -> None:
    if row["read_as"]:
        console.print_text(escape(row["read_as"]), "dim")
    colour = COLOURS.get(row["verdict"], "bold")
    console.print_text(f"[{colour}]{escape(row['verdict'])}[/]  [bold]{escape(row['statement'])}[/]")
    console.print_text(escape(row["reason"]))
    if row["unmarked"]:
        # In `$18bn` a shell reads $1 as a parameter, and passes on 8bn: a number that the figures do not bear out.
        is_off = row["unit"] == "USD" and row["verdict"] in {"contradicted", "reporter_dependent"}
        lost = " Quote a $ in a shell: '$18bn'." if is_off else ""
        console.print_text(escape(f"Read as {row['unmarked']}.{lost}"), "dim")
    if row.get("verdict_then") not in {row["verdict"], None}:
        console.print_text(escape(f"As known on {row['as_of']}: {row['verdict_then']}. {row['reason_then']}"), "dim")
    if row.get("held") and "Available:" not in row["reason"]:
        console.print_text(escape(f"Available: {row['held']}."), "dim")


def article(
    project: Project,
    place: str = Argument(metavar="FILE", help="Text or Markdown; - reads standard input."),
    published: options.PublishedOption = None,
    pair: tuple[str, str] | None = Option(
        None, help="Whose trade with whom it is about, such as KOR CHN. Default: what its headline names."
    ),
    html: Path | None = Option(None, help="Write a page that shows the article with its marks."),
    as_json: options.JsonOption = False,
) -> None:
    """Check a whole article: every number and dated event on trade, with a verdict or the figure beside it.

    A number gets a verdict only where every word of its sentence was read. Else the official figure stands beside it,
    with the words that were not understood. Numbers that are not about trade are left alone.
    """
    from dagster_project.claims.article import count_verdicts, read_article
    from dagster_project.reference.economies import find_code

    day = options.parse_published_day(published)
    text = options.read_input(place, "Name a file of text or Markdown, or - for standard input.")
    if len(text) > LONGEST:
        raise BilateralError(f"An article has at most {LONGEST:,} characters.", remedy="Check it in parts.")
    with open_evaluator(project) as evaluator:
        sides = pair and (find_code(evaluator.connection, pair[0]), find_code(evaluator.connection, pair[1]))
        answers = read_article(evaluator, text, day, pair=sides)
    summary = "Nothing on trade that can be checked was found."
    if answers:
        summary = f"{len(answers)} statements on trade: {count_verdicts([one.verdict for one in answers])}."
    if html is not None:
        with atomic_write(html) as half:
            half.write_text(_render_page(text, answers, summary), encoding="utf-8")
        console.print_done(f"The page is {html}.", console.err)
    if as_json:
        formats.write_json([_build_record(one) for one in answers], indent=2)
    else:
        _print_answers(answers, summary)


def _build_record(answer: Answer) -> dict[str, Any]:
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
    template = Path(__file__).with_name("article.html.j2")
    return render_page(template, language=detect_language(text), summary=summary, pieces=pieces, answers=answers)


def _find_marks(answers: Sequence[Answer]) -> list[tuple[int, int, list[int]]]:
    """Find the places to mark, in order and without overlap, each with the numbers of its answers."""
    marks: list[tuple[int, int, list[int]]] = []
    for number in sorted(range(len(answers)), key=lambda n: (answers[n].reading.start, answers[n].reading.end)):
        start, end = answers[number].reading.start, answers[number].reading.end
        if marks and start < marks[-1][1]:
            start, last, numbers = marks.pop()
            marks.append((start, max(last, end), [*numbers, number]))
        else:
            marks.append((start, end, [number]))
    return marks
