"""The command `mcp`: the published warehouse for programs that speak the Model Context Protocol.

Here: five tools over standard input and output, and their limits. Not here: what they answer with, which is in the
rooms that the commands call, too. No tool writes, reaches a file or the network, or changes a setting: the statement of
`query` is held to what evidence may do, and everything runs on one read-only connection, with capped memory and time.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

import typer

from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.project import Project

ROWS, CHARACTERS = 1000, 200_000
MEMORY = "1GB"
# A statement that is longer is no question; a claim neither.
LONGEST = 20_000


def mcp(context: typer.Context) -> None:
    """Serve the published warehouse to programs that speak the Model Context Protocol, on standard input and output."""
    from dagster_project.cli.claims import evaluator_of

    project = project_of(context)
    try:
        import mcp.server  # noqa: F401 - an extra
    except ImportError as error:
        raise BilateralError(
            "The package mcp is not installed.", remedy="Install the extra: pip install 'bilateral[mcp]'."
        ) from error
    with evaluator_of(project, one_by_one=True, memory=MEMORY) as evaluator:
        server(project, evaluator).run("stdio")


def server(project: Project, evaluator: Evaluator) -> MCPServer:
    """The server with its tools.

    Args:
        project: The project, for its questions.
        evaluator: What judges; its connection answers all tools, one at a time.
    """
    from mcp.server import MCPServer

    found = MCPServer(
        "bilateral",
        instructions="Trade between economies, as each side reports it, now and as of a day.",
        log_level="WARNING",
    )
    tools = Tools(project, evaluator)
    for tool in (tools.metrics, tools.figure, tools.judge, tools.ask, tools.query):
        found.tool()(_telling(tool))
    return found


def _telling(tool: Callable[..., Any]) -> Callable[..., Any]:
    """A tool whose errors say to the client what to do instead."""
    from mcp.server.mcpserver.exceptions import ToolError

    @wraps(tool)
    def told(*args: Any, **given: Any) -> Any:
        try:
            return tool(*args, **given)
        except BilateralError as error:
            raise ToolError(str(error)) from error

    return told


class Tools:
    """What programs may ask.

    Args:
        project: The project, for its questions.
        evaluator: What judges.
    """

    def __init__(self, project: Project, evaluator: Evaluator) -> None:
        self.project = project
        self.evaluator = evaluator
        self.lock = Lock()

    def metrics(self, words: str = "") -> list[dict[str, str]]:
        """Find metrics by words in English or Korean; all of them without words."""
        from dagster_project.metrics import catalogue

        wanted = words.casefold().split()
        every = [catalogue.described(metric) for metric in catalogue.load().values()]
        return [one for one in every if all(word in " ".join(one.values()).casefold() for word in wanted)]

    def figure(self, metric: str, reporter: str, partner: str = "", period: str = "", item: str = "") -> Any:
        """Get figures of a metric with their identities: of one period (2023 or 2023-05), or of all."""
        from dagster_project import metrics
        from dagster_project.reference.economies import code_of

        known = metrics.find(metric)
        if known is None or not known.figures:
            raise BilateralError(f"There is no metric {metric} with figures.", remedy="The tool metrics lists them.")
        if not partner and known.has_partner:
            raise BilateralError(f"{known.name} is between two economies.", remedy="Name the partner.")
        with self.lock:
            connection = self.evaluator.connection
            sides = [code_of(connection, side) for side in (reporter, partner) if side]
            whose = sides[0], (sides[1] if known.has_partner else metrics.NOBODY)
            found = metrics.figures(connection, known, *whose, item=item or None)
        return [
            {"id": one.id, "value": one.value, "unit": known.unit, "status": one.observation_status}
            for one in found
            if period in {"", one.identity.period}
        ][-ROWS:]

    def judge(self, claim: str, published_on: str = "") -> dict[str, Any]:
        """Judge a claim, such as `balance KOR CHN 2023 = -18bn`: its verdict, why, and the SQL of each side.

        A sentence whose parts can be found is judged, too: `claims` has what it was read as, each judged.
        """
        from dagster_project.claims import lines
        from dagster_project.claims.printed import day
        from dagster_project.cli.judge import judged

        _short(claim)
        known = day(published_on) if published_on else None
        if published_on and known is None:
            raise BilateralError(f"{published_on} is no day.", remedy="Write it as 2025-12-15.")
        on = known.end if known else datetime.now(UTC).date()
        with self.lock:
            found = [
                judged(self.evaluator, row, "the claim", on) | ({"read_as": how} if how else {})
                for row, how in lines.claims(self.evaluator.connection, {"claim": claim}, on)
            ]
        plain = (int, float, str, type(None))
        told = [
            {name: value if isinstance(value, plain) else str(value) for name, value in one.items()} for one in found
        ]
        return told[0] if len(told) == 1 else {"claims": told}

    def ask(self, question: str, reporter: str = "", partner: str = "") -> dict[str, Any]:
        """Ask one of the questions by its number or name; without one that there is, the answer lists them."""
        from dagster_project import publication, questions
        from dagster_project.catalog import Catalog

        known = list(Catalog(self.project).questions.values())
        asked = next((one for one in known if question in {str(one.number), one.name}), None)
        if asked is None:
            return {"questions": {one.name: one.question for one in known}}
        names = {parameter.name for parameter in asked.parameters}
        given = {
            name: value for name, value in (("reporter", reporter), ("partner", partner)) if value and name in names
        }
        # Questions are ours, and set their parameters as variables, which the other connection does not let anybody do.
        with self.lock, publication.reading(self.project) as connection:
            answer = questions.ask(connection, asked, questions.checked(connection, asked, given))
        return {"answer": str(answer.sentence), "not held": answer.missing, "state": answer.state}

    def query(self, sql: str) -> str:
        """Run one SELECT over core and marts for ten seconds at most, and get at most 1,000 rows as CSV."""
        from dagster_project.claims import evidence

        _short(sql)
        with self.lock:
            evidence.check(self.evaluator.connection, sql, self.evaluator.models)
            names, rows = evidence.rows(self.evaluator.connection, sql, at_most=ROWS + 1)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([names, *rows[:ROWS]])
        text = out.getvalue()
        return f"{text[:CHARACTERS]}… (there are more rows)\n" if len(rows) > ROWS or len(text) > CHARACTERS else text


def _short(text: str) -> None:
    if len(text) > LONGEST:
        raise BilateralError(f"It has {len(text)} characters.", remedy=f"Write at most {LONGEST}.")
