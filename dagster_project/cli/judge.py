"""Compare claims and whole articles with the figures: the commands `judge`, `article` and `metrics`.

This module reads claims from the command line, from files and from standard input, and shows the verdicts as text, as
JSON, or as a page of the article with marked numbers. `claims.inputs` parses a line, `claims.judging` judges it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from typer import Argument, Option

from dagster_project.cli import console, formats, options
from dagster_project.cli.claims import COLOURS, format_values, open_evaluator, print_sql, style_verdict
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.languages import get_language, translate
from dagster_project.project import PACKAGE, Project

if TYPE_CHECKING:
    from dagster_project.claims.judging import Answer

FILE_ENDINGS = {".csv", ".yml", ".yaml", ".json", ".txt"}
MOST_CHARACTERS = 200_000


def metrics(
    name: str | None = Argument(None, help="Show everything about this metric."),
    form: options.FormatOption = "table",
) -> None:
    """List the metrics of claims, citations and the report, or show one."""
    from dagster_project.metrics import catalogue

    if name is not None:
        metric = describe_metric(name)
        console.print_fields(metric) if form == "table" else console.print_rows([metric], form)
        return
    rows = [
        [m.name, ", ".join(m.names["en"][:2]), ", ".join(m.names["ko"][:2]), m.unit, " ".join(m.frequencies), m.what]
        for m in catalogue.load_metrics().values()
    ]
    console.print_records(["metric", "in English", "in Korean", "unit", "by", "what"], rows, form)


def describe_metric(name: str) -> dict[str, str]:
    """Describe a metric: its meaning, metrics often confused with it, and the values and comparators for claims."""
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
        help="A claim (balance KOR CHN 2023 = -18bn), a sentence, or files of claims: CSV, YAML, JSON, or text with "
        "one claim per line; - reads standard input. A CSV has the column claim, or metric, reporter, partner, period, "
        "comparator and says; claim_id, published_on, publisher, url and names_reporter are optional.",
    ),
    published: options.PublishedOption = None,
    as_json: options.JsonOption = False,
    sql: bool = Option(False, "--sql", help="Also print the SQL that gives the figures."),
    register: str | None = Option(None, metavar="ARTICLE", help="Add the claims to this article of the register."),
    publisher: str | None = Option(None, help="The publisher of the claims."),
) -> None:
    """Judge claims by the statistics of both economies, as known today and on the day of the claim's publication.

    A sentence that was understood only in part gets no verdict; the figure to compare is shown instead. The exit code
    is 0 if every claim could be read, even if a claim is contradicted; otherwise it is 1.
    """
    from dagster_project.claims import inputs, judging
    from dagster_project.claims import register as claims

    today = options.parse_published_day(published)
    rows, is_typed = _read_claims(list(claim or []))
    given = {name: value for name, value in (("publisher", publisher), ("published_on", published)) if value}
    rows = [given | row for row in rows]
    if others := inputs.list_unknown_columns(rows):
        console.print_text(escape(f"Columns ignored: {', '.join(others)}."), "dim", to=console.err)
    if register is not None and project.root == PACKAGE:
        project = Project.find()
    head: dict[str, str] = {}
    with open_evaluator(project) as evaluator:
        if register is not None:
            # Judge the claims as a build will judge the register: by the article's day and its publisher.
            said = inputs.find_article_fields(evaluator.connection, rows)
            head = claims.complete_article_fields(project.claims, register, said, today=today)
        records, entries, faults = judging.judge_rows(evaluator, [head | row for row in rows], today)
    if register is not None:
        unsure = [one["statement"] for one in records if one.get("verdict") in {"compared", "refused"}]
        if unsure:
            faults.append(f"{unsure[0]!r} was not fully understood: write it as a line, such as {inputs.EXAMPLE}.")
        if not faults:
            path = claims.add_claims(project.claims, register, entries, head)
            count = console.format_count(len(entries), "claim")
            console.print_done(f"{count} added to {path}. The next build publishes them.", console.err)
    if not is_typed:
        # Only a claim typed in a shell can have lost a `$`, so only such a claim gets the hint to quote it.
        records = [record | {"unmarked": None} if "unmarked" in record else record for record in records]
    records = [judging.translate_record(record) for record in records]
    if as_json:
        shown = [{name: record[name] for name in record if sql or not name.endswith("_sql")} for record in records]
        formats.write_json(shown, indent=2)
    else:
        _print_judged([record for record in records if inputs.FAULT not in record], sql=sql, several=len(records) > 1)
    if faults:
        nothing = "" if register is None else " Nothing is added to the register."
        remedy = f"The others are judged.{nothing}" if len(records) > len(faults) else None
        raise BilateralError("\n".join(faults), remedy=remedy)


def _read_claims(words: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """Return the claims as rows, and whether they were written on the command line instead of in a file."""
    from dagster_project.claims import inputs

    remedy = "Name a CSV, YAML, JSON or text file of claims, or write a claim."
    if not words and sys.stdin is not None and not sys.stdin.isatty():
        words = ["-"]
    if not words:
        raise BilateralError("No claim was given.", remedy=f"Write one: bilateral judge {inputs.EXAMPLE}")
    if words == ["-"] or all(Path(word).suffix in FILE_ENDINGS for word in words):
        return [row for word in words for row in inputs.read_rows(options.read_input(word, remedy))], False
    return [{"claim": words if len(words) > 1 else words[0]}], True


def _print_judged(records: list[dict[str, Any]], *, sql: bool, several: bool) -> None:
    """Print judged claims; before the claims of one sentence, print how many have each verdict."""
    from dagster_project.claims.judging import count_verdicts

    for _, group in groupby(records, key=itemgetter("claim_id")):
        first, *rest = sentence = list(group)
        if rest and ("unread" in first or first["read_as"]):
            verdicts = count_verdicts([record["verdict"] for record in sentence])
            console.print_text(_write_verdict(f"[bold]{verdicts}[/]", escape(first["statement"])))
        for record in sentence:
            _print_record(record)
            if sql and "unit" in record:
                print_sql(record, f"Evidence ({format_values(record)[1] or 'no figure'})")
            if several or sql:
                console.print_text("")


def _write_verdict(verdict: str, statement: str) -> str:
    return translate("{verdict}: {statement}", verdict=verdict, statement=statement)


def _print_record(row: dict[str, Any]) -> None:
    from dagster_project.claims.judging import name_verdict
    from dagster_project.questions.wording import capitalize_first

    if row["read_as"]:
        console.print_text(escape(row["read_as"]), "dim")
    style = style_verdict(row["verdict"], row["reason"])
    style.plain = capitalize_first(style.plain)
    console.print_text(_write_verdict(style.markup, f"[bold]{escape(row['statement'])}[/]"))
    console.print_text(escape(row["reason"]))
    if row["unmarked"]:
        # A shell replaces $1 in `$18bn`, so that the claim arrives as 8bn.
        is_off = row["unit"] == "USD" and row["verdict"] in {"contradicted", "reporter_dependent"}
        lost = " Quote a $ in a shell: '$18bn'." if is_off else ""
        console.print_text(escape(translate(f"Read as {row['unmarked']}.{lost}")), "dim")
    if row.get("verdict_then") not in {row["verdict"], None}:
        then = name_verdict(row["verdict_then"], row["reason_then"])
        told = translate("As known on {day}: {verdict}.", day=row["as_of"], verdict=then)
        console.print_text(escape(f"{told} {row['reason_then']}"), "dim")
    told = translate("Figures are available {found}.", found=row.get("held"))
    if row.get("held") and told not in row["reason"]:
        console.print_text(escape(told), "dim")


def article(
    project: Project,
    place: str = Argument(metavar="FILE", help="Text or Markdown; - reads standard input."),
    published: options.PublishedOption = None,
    pair: tuple[str, str] | None = Option(
        None, help="The reporter and the partner, such as KOR CHN. Default: the economies in its headline."
    ),
    html: Path | None = Option(None, help="Write a page that shows the article with marked numbers."),
    as_json: options.JsonOption = False,
) -> None:
    """Check an article: show a verdict, or the official figure, for every number and dated event about trade.

    A number gets a verdict only if every word of its sentence was understood. Otherwise it gets the official figure and
    a list of the words that were not understood. Numbers that are not about trade are ignored.
    """
    from dagster_project.claims.judging import count_verdicts, read_article, translate_answer
    from dagster_project.reference.economies import find_code

    day = options.parse_published_day(published)
    text = options.read_input(place, "Name a file of text or Markdown, or - for standard input.")
    if len(text) > MOST_CHARACTERS:
        raise BilateralError(
            f"The article has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}.", remedy="Check it in parts."
        )
    with open_evaluator(project) as evaluator:
        sides = pair and (find_code(evaluator.connection, pair[0]), find_code(evaluator.connection, pair[1]))
        answers = [translate_answer(answer) for answer in read_article(evaluator, text, day, pair=sides)]
    summary = translate("No statement on trade that can be checked was found.")
    if answers:
        verdicts = count_verdicts([answer.verdict for answer in answers])
        summary = translate("Statements on trade: {count} ({verdicts}).", count=len(answers), verdicts=verdicts)
    if html is not None:
        with atomic_write(html) as half:
            half.write_text(_render_page(text, answers, summary), encoding="utf-8")
        console.print_done(translate("The page is {path}.", path=html), console.err)
    if as_json:
        formats.write_json([_build_record(answer) for answer in answers], indent=2)
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
    from dagster_project.claims.judging import name_verdict

    console.print_text(f"[bold]{escape(summary)}[/]")
    for sentence, group in groupby(answers, key=attrgetter("sentence")):
        console.print_section(sentence.strip())
        for one in group:
            named = f"[{COLOURS.get(one.verdict, 'dim')}]{escape(name_verdict(one.verdict, one.reason))}[/]"
            console.print_text(f"  {_write_verdict(named, escape(one.reading.text))}: {escape(one.reason)}")
            texts = [translate("Correct wording: {wording}", wording=one.wording)] if one.wording else []
            texts += [translate("Source: {publisher}", publisher=one.citation)] if one.citation else []
            for text in texts:
                console.print_text(escape(text), "dim", indent=4)


def _render_page(text: str, answers: Sequence[Answer], summary: str) -> str:
    """Render a page of the article with its numbers marked, and a list of the answers below."""
    from dagster_project.claims.judging import name_verdict, rank_verdict
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
    spoken = {"language": get_language(), "article_language": detect_language(text)}
    return render_page(template, **spoken, name_verdict=name_verdict, summary=summary, pieces=pieces, answers=answers)


def _find_marks(answers: Sequence[Answer]) -> list[tuple[int, int, list[int]]]:
    """Find the spans of the text to mark, in order and without overlap: (start, end, indexes of the span's answers)."""
    marks: list[tuple[int, int, list[int]]] = []
    for number in sorted(range(len(answers)), key=lambda n: (answers[n].reading.start, answers[n].reading.end)):
        start, end = answers[number].reading.start, answers[number].reading.end
        if marks and start < marks[-1][1]:
            start, last, numbers = marks.pop()
            marks.append((start, max(last, end), [*numbers, number]))
        else:
            marks.append((start, end, [number]))
    return marks
