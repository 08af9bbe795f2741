"""Server of `bilateral mcp`: the published warehouse for programs that speak the Model Context Protocol.

Here: six tools, a prompt and two resources over standard input and output, and their limits. Not here: what they answer
with, which is in the rooms that the commands call, too. No tool writes, reaches a file or the network, or changes a
setting: the statement of `query` is held to what evidence may do, and everything runs on one read-only connection, with
capped memory and time.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import wraps
from threading import Lock
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from dagster_project import metrics, publication, questions
from dagster_project.catalog import Catalog
from dagster_project.claims import evidence, inputs
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import judge_row
from dagster_project.claims.query_limits import limit_question
from dagster_project.claims.values import Comparator
from dagster_project.cli.claims import open_evaluator
from dagster_project.cli.judge import describe_metric
from dagster_project.cli.options import parse_published_day
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.project import Project
from dagster_project.reference.economies import find_code

ROWS, CHARACTERS = 1000, 200_000
MEMORY = "1GB"
# After so many seconds a question is stopped, as evidence is.
SECONDS = 10.0
# A statement that is longer is no question; a claim neither.
LONGEST = 20_000


def serve_tools(project: Project) -> None:
    """Serve the published warehouse on standard input and output."""
    # Whoever starts it is told at once that nothing is published.
    with publication.open_published(project):
        pass
    with closing(Tools(project)) as tools:
        make_server(tools).run("stdio")


def make_server(tools: Tools) -> MCPServer:
    """Make the server with its tools, its resources and its prompt."""
    server = MCPServer(
        "bilateral",
        instructions="Trade between economies, as each side reports it, now and as of a day. To check a statement, "
        "find its metric with `metrics`, see with `describe` what it takes, and call `judge` with its parts.",
        log_level="WARNING",
    )
    only_reads = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for tool in (tools.metrics, tools.describe, tools.figure, tools.judge, tools.ask, tools.query):
        server.tool(annotations=only_reads)(_translate_errors(tool))

    @server.resource("bilateral://metrics", description="All metrics, with names, units and what they count.")
    def list_metrics() -> str:
        return json.dumps(tools.metrics(), ensure_ascii=False)

    @server.resource("bilateral://metrics/{metric}", description="One metric, with what a claim about it takes.")
    def describe_metric(metric: str) -> str:
        return json.dumps(tools.describe(metric), ensure_ascii=False)

    server.prompt(description="Check what a text says of trade, statement by statement.")(check_a_text)
    return server


def check_a_text(text: str) -> str:
    """Say how to check a text with the tools."""
    return (
        "Take each statement about trade between two economies from the text below. Find its metric with the tool "
        "metrics, and call judge with metric, reporter, partner, period, comparator and value as printed. Report each "
        "verdict with its reason. A statement that judge refuses, or whose parts the text does not say, has no "
        f"verdict: say so, and never assume a partner, a year or a unit.\n\n{text}"
    )


def _translate_errors(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Return a tool whose errors name the client's tools in place of commands, and no file of ours."""

    @wraps(tool)
    def run_tool(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except BilateralError as error:
            text = re.sub(r"`bilateral (metrics|query)[^`]*`", r"the tool \1", str(error))
            raise ToolError(re.sub(r"\s*[^.]*\b(?:docs/\S+|CONTRIBUTING)\.md[^.]*\.", "", text)) from error

    return run_tool


class Tools:
    """The tools of the server; one connection answers all of them, one at a time."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.lock = Lock()
        self._open = ExitStack()
        self._evaluator: Evaluator | None = None
        self._file: tuple[int, int] | None = None

    @property
    def evaluator(self) -> Evaluator:
        """Return the evaluator on the newest publication, which is another file under the same name."""
        path = self.project.published_file
        status = path.stat() if path.exists() else None
        file = None if status is None else (status.st_ino, status.st_mtime_ns)
        if self._evaluator is None or file != self._file:
            self.close()
            self._evaluator = self._open.enter_context(open_evaluator(self.project, memory=MEMORY))
            self._file = file
        return self._evaluator

    def close(self) -> None:
        """Close what is open."""
        self._evaluator = None
        self._open.close()

    def metrics(self, words: str = "") -> list[dict[str, str]]:
        """Find metrics by words in English or Korean; all of them without words."""
        wanted = words.casefold().split()
        every = [catalogue.describe_metric(metric) for metric in catalogue.load_metrics().values()]
        return [one for one in every if all(word in " ".join(one.values()).casefold() for word in wanted)]

    def figure(self, metric: str, reporter: str, partner: str = "", period: str = "", item: str = "") -> Any:
        """Get figures of a metric with their identities, at most 1,000: of one period (2023 or 2023-05), or of all."""
        known = metrics.find_metric(metric)
        if known is None or not known.figures:
            raise BilateralError(f"There is no metric {metric} with figures.", remedy="The tool metrics lists them.")
        if not reporter or (known.has_partner and not partner):
            raise BilateralError(
                f"{known.name} is {'between two economies' if known.has_partner else 'of one economy'}.",
                remedy=f"Name the reporter{' and the partner' if known.has_partner else ''}.",
            )
        if item and not metrics.is_item(known, item):
            raise BilateralError(f"{known.name} has no item {item}.", remedy="The tool metrics tells of its items.")
        with self.lock:
            connection = self.evaluator.connection
            other = find_code(connection, partner) if known.has_partner else metrics.NOBODY
            found = metrics.read_figures(connection, known, find_code(connection, reporter), other, item=item or None)
        wanted = [one for one in found if period in {"", one.identity.period}]
        if len(wanted) > ROWS:
            lacks = [name for name, given in (("a period", period), ("an item", item or not known.item)) if not given]
            raise BilateralError(f"There are {len(wanted):,} figures.", remedy=f"Name {' or '.join(lacks)}.")
        return [
            {"id": one.id, "value": one.value, "unit": known.unit, "status": one.observation_status} for one in wanted
        ]

    def describe(self, metric: str) -> dict[str, str]:
        """Describe a metric: what it counts and is confused with, and what values and comparators a claim takes."""
        return describe_metric(metric)

    def judge(
        self,
        claim: Annotated[
            str, Field(description="A whole claim: balance KOR CHN 2023 = -18bn. Or give its parts.")
        ] = "",
        metric: Annotated[
            str, Field(description="What is measured.", json_schema_extra={"enum": ["", *catalogue.load_metrics()]})
        ] = "",
        reporter: Annotated[str, Field(description="Whose statistics: KOR, or South Korea.")] = "",
        partner: Annotated[str, Field(description="The economy on the other side, for metrics of two.")] = "",
        item: Annotated[str, Field(description="The item of a metric that has some: services, or E005.signed.")] = "",
        period: Annotated[str, Field(description="2023, 2025-11, 2025-01..2025-11, 2018->2023, last year.")] = "",
        comparator: Annotated[str, Field(json_schema_extra={"enum": [*Comparator]})] = "equals",
        value: Annotated[
            str, Field(description="As printed: $55.6 billion, -18bn, fell 19.9%, deficit, third deficit, 2015-06.")
        ] = "",
        published_on: Annotated[str, Field(description="The day of the publication, 2024-01-10; default today.")] = "",
        names_reporter: Annotated[bool, Field(description="Whether it says whose statistics it rests on.")] = False,
    ) -> dict[str, Any]:
        """Judge a claim, by its parts or as a whole: its verdict, why, and the SQL of each side.

        A sentence whose parts can be found is judged, too: `claims` has what it was read as, each judged.
        """
        parts = {"metric": metric, "reporter": reporter, "partner": partner, "item": item, "period": period}
        given = {name: text for name, text in {**parts, "says": value}.items() if text}
        if bool(claim) == bool(given):
            raise BilateralError("Give claim, or metric and the other parts.", remedy=f"claim: {inputs.EXAMPLE}")
        for text in (claim, *given.values()):
            _check_length(text)
        row: dict[str, Any] = {"claim": claim} if claim else {**given, "comparator": comparator}
        row |= {"names_reporter": True} if names_reporter else {}
        with self.lock:
            records = [one for one, _ in judge_row(self.evaluator, row, "the claim", parse_published_day(published_on))]
        plain = (int, float, str, type(None))
        told = [
            {name: value if isinstance(value, plain) else str(value) for name, value in one.items()} for one in records
        ]
        return told[0] if len(told) == 1 else {"claims": told}

    def ask(self, question: str, reporter: str = "", partner: str = "") -> dict[str, Any]:
        """Ask one of the questions by its number or name; without one that there is, the answer lists them."""
        known = list(Catalog(self.project).questions.values())
        asked = next((one for one in known if question in {str(one.number), one.name}), None)
        if asked is None:
            return {"questions": {one.name: one.question for one in known}}
        taken = {parameter.name for parameter in asked.parameters}
        pair = {"reporter": reporter, "partner": partner}
        given = {name: value for name, value in pair.items() if value and name in taken}
        # Questions are ours, and set their parameters as variables, which the other connection does not let anybody do.
        with self.lock:
            # The connections of a process to one file share it, so the older one goes first.
            _ = self.evaluator
            with publication.open_published(self.project) as connection, limit_question(connection, seconds=SECONDS):
                answer = questions.ask_question(connection, asked, questions.check_parameters(connection, asked, given))
        return {"answer": str(answer.sentence), "not held": answer.missing, "state": answer.state}

    def query(self, sql: str) -> str:
        """Run one SELECT over core and marts for ten seconds at most, and get at most 1,000 rows as CSV."""
        _check_length(sql)
        with self.lock:
            evaluator = self.evaluator
            evidence.check_select(evaluator.connection, sql, evaluator.models)
            names, rows = evidence.fetch_rows(evaluator.connection, sql, at_most=ROWS + 1)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([names, *rows[:ROWS]])
        text = out.getvalue()
        return f"{text[:CHARACTERS]}… (there are more rows)\n" if len(rows) > ROWS or len(text) > CHARACTERS else text


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise BilateralError(f"It has {len(text)} characters.", remedy=f"Write at most {LONGEST}.")
