"""Serve the published warehouse to programs that speak the Model Context Protocol: the command `mcp`.

The server has seven tools, a prompt and two resources on standard input and output. No tool writes to the warehouse,
uses the network or changes a setting. `prove` reads snapshots, and computes in a temporary folder. `query` accepts only
SQL that is allowed as evidence of a claim, and runs it read-only, with limited memory and time.
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
from dagster_project.claims import evidence, inputs
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import judge_row
from dagster_project.claims.query_limits import limit_question
from dagster_project.claims.values import Comparator
from dagster_project.cli.claims import open_evaluator
from dagster_project.cli.judge import describe_metric
from dagster_project.cli.options import parse_published_day
from dagster_project.cli.query_process import QueryProcess
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.project import Project
from dagster_project.reference.economies import find_code

# The most rows and characters of an answer.
ROWS, CHARACTERS = 1000, 200_000
# The most memory and seconds for a question.
MEMORY, SECONDS = "1GB", 10.0
# The most characters of a claim or a query.
MOST_CHARACTERS = 20_000


def serve_tools(project: Project) -> None:
    """Serve the published warehouse on standard input and output until the client closes them."""
    # If nothing is published, fail at once and not at the first call of a tool.
    with publication.open_published(project):
        pass
    with closing(Tools(project)) as tools:
        make_server(tools).run("stdio")


def make_server(tools: Tools) -> MCPServer:
    """Create the server with its tools, resources and prompt."""
    server = MCPServer(
        "bilateral",
        instructions="Trade between economies, as each side reports it, now and as of a day. To check a statement, "
        "find its metric with `metrics`, see its parts with `describe`, and call `judge` with them.",
        log_level="WARNING",
    )
    only_reads = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for tool in (tools.metrics, tools.describe, tools.figure, tools.prove, tools.judge, tools.ask, tools.query):
        server.tool(annotations=only_reads)(_translate_errors(tool))

    @server.resource("bilateral://metrics", description="All metrics, with names, units and what they count.")
    def list_metrics() -> str:
        return json.dumps(tools.metrics(), ensure_ascii=False)

    @server.resource("bilateral://metrics/{metric}", description="One metric, with the parts of a claim about it.")
    def describe_metric(metric: str) -> str:
        return json.dumps(tools.describe(metric), ensure_ascii=False)

    server.prompt(description="Check what a text says of trade, statement by statement.")(check_a_text)
    return server


def check_a_text(text: str) -> str:
    """Return a prompt to check a text with the tools."""
    return (
        "Take each statement about trade between two economies from the text below. Find its metric with the tool "
        "metrics, and call judge with metric, reporter, partner, period, comparator and value as printed. Report each "
        "verdict with its reason. A statement that judge refuses, or whose parts the text does not say, has no "
        f"verdict: say so, and never assume a partner, a year or a unit.\n\n{text}"
    )


def _translate_errors(tool: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a tool so that its errors name other tools instead of commands, and leave out sentences about docs/."""

    @wraps(tool)
    def run_tool(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except BilateralError as error:
            text = re.sub(r"`bilateral (metrics|query)[^`]*`", r"the tool \1", str(error))
            raise ToolError(re.sub(r"\s*[^.]*\b(?:docs/\S+|CONTRIBUTING)\.md[^.]*\.", "", text)) from error

    return run_tool


class Tools:
    """The tools of the server, which share a connection to the published file and run one at a time."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.lock = Lock()
        self._open = ExitStack()
        self._evaluator: Evaluator | None = None
        self._queries = QueryProcess(project, seconds=SECONDS)
        self._file: tuple[int, int] | None = None

    @property
    def evaluator(self) -> Evaluator:
        """Return the evaluator of the published file; open a new evaluator if a publication has replaced the file."""
        path = self.project.published_file
        status = path.stat() if path.exists() else None
        file = None if status is None else (status.st_ino, status.st_mtime_ns)
        if self._evaluator is None or file != self._file:
            self.close()
            self._evaluator = self._open.enter_context(open_evaluator(self.project, memory=MEMORY))
            self._file = file
        return self._evaluator

    def close(self) -> None:
        """Close the published file and the process that runs queries."""
        self._evaluator = None
        self._queries.kill_process()
        self._open.close()

    def metrics(self, words: str = "") -> list[dict[str, str]]:
        """Find metrics by words in English or Korean; without words, list all."""
        wanted = words.casefold().split()
        every = map(catalogue.describe_metric, catalogue.load_metrics().values())
        return [metric for metric in every if all(word in " ".join(metric.values()).casefold() for word in wanted)]

    def figure(self, metric: str, reporter: str, partner: str = "", period: str = "", item: str = "") -> Any:
        """Get figures of a metric, each with its ID, for one period (such as 2023 or 2023-05) or all; at most 1,000."""
        known = metrics.find_metric(metric)
        if known is None or not known.figures:
            fault = f"The metric {metric} {'has no figures' if known else 'does not exist'}."
            raise BilateralError(fault, remedy="Choose one of the list that the tool `metrics` gives.")
        if not reporter or (known.has_partner and not partner):
            sides = "a reporter and a partner" if known.has_partner else "a reporter"
            raise BilateralError(f"The metric {known.name} needs {sides}.", remedy="Name economies by code or name.")
        if item:
            catalogue.require_item(known, item)
        with self.lock:
            connection = self.evaluator.connection
            other = find_code(connection, partner) if known.has_partner else metrics.NOBODY
            found = metrics.read_figures(connection, known, find_code(connection, reporter), other, item=item or None)
        wanted = [figure for figure in found if period in {"", figure.identity.period}]
        if len(wanted) > ROWS:
            lacks = [name for name, given in (("a period", period), ("an item", item or not known.item)) if not given]
            raise BilateralError(
                f"There are {len(wanted):,} figures; the limit is {ROWS:,}.", remedy=f"Name {' or '.join(lacks)}."
            )
        return [
            {"id": figure.id, "value": figure.value, "unit": known.unit, "status": figure.observation_status}
            for figure in wanted
        ]

    def prove(self, figure_id: str) -> dict[str, str]:
        """Prove the figure with this ID: get its proof's digest and README, and the command that writes the proof."""
        from dagster_project.proof import prove_figures

        with self.lock:
            ((_, proof),) = prove_figures(self.project, self.evaluator.connection, [figure_id])
        command = f"bilateral prove {figure_id} --output proof.zip"
        page = proof.files["README.md"].decode()
        return {"sha256": proof.digest, "result": proof.result, "page": page, "command": command}

    def describe(self, metric: str) -> dict[str, str]:
        """Describe a metric: its meaning, metrics often confused with it, and the values and comparators of a claim."""
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
        partner: Annotated[str, Field(description="The other economy, for metrics of two economies.")] = "",
        item: Annotated[str, Field(description="The item, for metrics with items: services, or E005.signed.")] = "",
        period: Annotated[str, Field(description="2023, 2025-11, 2025-01..2025-11, 2018->2023, last year.")] = "",
        comparator: Annotated[str, Field(json_schema_extra={"enum": [*Comparator]})] = "equals",
        value: Annotated[
            str, Field(description="As printed: $55.6 billion, -18bn, fell 19.9%, deficit, third deficit, 2015-06.")
        ] = "",
        published_on: Annotated[str, Field(description="The day of the publication, 2024-01-10; default today.")] = "",
        names_reporter: Annotated[bool, Field(description="Whether the claim says whose statistics it uses.")] = False,
    ) -> dict[str, Any]:
        """Judge a claim, given in parts or whole; get its verdict, the reason, and the SQL that gives the figure.

        A sentence with several statements can be judged, too: the field `claims` has a verdict for each statement.
        """
        parts = {"metric": metric, "reporter": reporter, "partner": partner, "item": item, "period": period}
        given = {name: text for name, text in {**parts, "says": value}.items() if text}
        if bool(claim) == bool(given):
            raise BilateralError(
                "Expected either a whole claim, or a metric and the other parts.", remedy=f"Example: {inputs.EXAMPLE}"
            )
        for text in (claim, *given.values()):
            _check_length(text)
        row: dict[str, Any] = {"claim": claim} if claim else {**given, "comparator": comparator}
        row |= {"names_reporter": True} if names_reporter else {}
        with self.lock:
            judged = judge_row(self.evaluator, row, "the claim", parse_published_day(published_on))
            records = [json.loads(json.dumps(record, default=str)) for record, _ in judged]
        return records[0] if len(records) == 1 else {"claims": records}

    def ask(self, question: str, reporter: str = "", partner: str = "") -> dict[str, Any]:
        """Answer the question with this number or name; if the question does not exist, get a list of all questions."""
        known = questions.load_questions(self.project, [])
        asked = next((each for each in known if question in {str(each.number), each.name}), None)
        if asked is None:
            return {"questions": {each.name: each.question for each in known}}
        taken = {parameter.name for parameter in asked.parameters}
        pair = {"reporter": reporter, "partner": partner}
        given = {name: value for name, value in pair.items() if value and name in taken}
        # A question sets variables, which the evaluator's connection forbids, so it gets a connection of its own.
        with self.lock:
            # Reading the property closes a connection to a replaced file. If it stayed open, DuckDB would give the new
            # connection the old file, because connections to one path share a file.
            _ = self.evaluator
            with publication.open_published(self.project) as connection, limit_question(connection, seconds=SECONDS):
                answer = questions.ask_question(connection, asked, questions.check_parameters(connection, asked, given))
        return {"answer": str(answer.sentence), "not held": answer.missing, "state": answer.state}

    def query(self, sql: str) -> str:
        """Run one SELECT over core and marts for at most ten seconds, and get at most 1,000 rows as CSV."""
        _check_length(sql)
        with self.lock:
            evaluator = self.evaluator
            evidence.check_select(evaluator.connection, sql, evaluator.models)
            names, rows = self._queries.fetch_rows(sql, at_most=ROWS + 1)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([names, *rows[:ROWS]])
        text = out.getvalue()
        return f"{text[:CHARACTERS]}… (there are more rows)\n" if len(rows) > ROWS or len(text) > CHARACTERS else text


def _check_length(text: str) -> None:
    """Raise a BilateralError if a text has more characters than the server reads."""
    if len(text) > MOST_CHARACTERS:
        raise BilateralError(
            f"The text has {len(text):,} characters; the limit is {MOST_CHARACTERS:,}.", remedy="Send it in parts."
        )
