"""A simulated publisher: one right response, and every wrong response that is known of it.

Here: the form that each module in `publishers/` fills. Not here: the server that serves them (`server`), or the faults
that any publisher may have on the way (429, 500, a slow drip, a cut connection), which the server adds for all.
"""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from dagster_project import sources
from dagster_project.sources import Api, Request
from tests.sources.asked import settings

# A page that stands where figures belong.
HTML = "<!DOCTYPE html><html><body>점검중입니다</body></html>".encode()
# What becomes of a response:
#   accepted   archived, and its rows reach raw
#   refused    kept aside with its reason; the last good snapshot stays in force
#   retried    asked again, and accepted when the second response is right; refused when none is
#   unanswered none came in whole: nothing to keep; the last good snapshot stays in force
#   key        the publisher is left alone, and the user told how to get a key
#   address    the publisher is left alone, and the user told that it turns their address away
#   quota      the publisher is left alone until another time
#   nothing    no figures: fine if none are held for what was asked, refused if some are
Outcome = Literal["accepted", "refused", "retried", "unanswered", "key", "address", "quota", "nothing"]

# Every publisher has these; a scenario that cannot occur (no cap, no fields in a bulk file) says so in `impossible`.
REQUIRED_SCENARIOS = (
    "bom",
    "empty_body",
    "html",
    "truncated",
    "no_data",
    "capped",
    "wrong_economy",
    "wrong_period",
    "new_field",
    "missing_field",
    "renamed_field",
    "thousandfold",
)


@dataclass(frozen=True)
class Scenario:
    """One response of a publisher, and the outcome that it must have.

    Args:
        content: The bytes.
        outcome: The required outcome.
        status: The HTTP status.
        media_type: The Content-Type; that of the right response if it is None.
        headers: Other headers.
        what: Its fault in a few words, for the table in the docs.
    """

    content: bytes
    outcome: Outcome
    what: str
    status: int = 200
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Publisher:
    """A publisher and its responses to one request.

    Args:
        dataset: The dataset asked for, `source/name`.
        subject: The subject of the request, among those that the source plans from `configuration`.
        configuration: The text of a `bilateral.toml` from which the source plans this request and few others.
        first: First day of the window, `YYYY-MM-DD`.
        last: Last day of the window.
        url: The exact path and query that the server must receive, with `KEY` in place of the key.
        right: The right response; figures that the publisher has published.
        revised: The right response with one figure changed.
        scenarios: Every other response, by name.
        impossible: Required scenarios that this publisher cannot have, each with the reason.
        media_type: The Content-Type of the right response.
    """

    dataset: str
    subject: str
    configuration: str
    first: str
    last: str
    url: str
    right: bytes
    revised: bytes
    scenarios: Mapping[str, Scenario]
    impossible: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    @property
    def source(self) -> str:
        return self.dataset.partition("/")[0]

    @property
    def api(self) -> Api:
        api = sources.find_source(self.source).api
        assert api is not None
        return api

    @property
    def needs_key(self) -> bool:
        return "KEY" in self.url or (self.api.key is not None and self.api.key.required)

    def plan_request(self) -> Request:
        """Plan the request that this publisher answers."""
        span = date.fromisoformat(self.first), date.fromisoformat(self.last)
        own = settings(**tomllib.loads(self.configuration))
        return self.choose_request(self.api.plan(own, lambda _: span, self.needs_key))

    def choose_request(self, planned: Iterable[Request]) -> Request:
        """Choose the request that this publisher answers among those of a plan."""
        targets = {_write_target(self.api, one): one for one in planned if one.subject == self.subject}
        assert self.url in targets, f"{self.url} is not among {list(targets)}"
        return targets[self.url]


def _write_target(api: Api, request: Request) -> str:
    """Write path and query of a request, with `KEY` where the key goes into them."""
    in_query = api.key is not None and api.key.place == "query"
    query = [*request.query, (api.key.name, "KEY")] if api.key and in_query else request.query
    return request.path.replace("{key}", "KEY") + (f"?{urlencode(query)}" if query else "")


def common_scenarios(right: bytes, form: str = "JSON") -> dict[str, Scenario]:
    """Build the wrong responses that any publisher may give.

    Args:
        right: The right response.
        form: What it is written in.
    """
    return {
        "bom": Scenario(b"\xef\xbb\xbf" + right, "accepted", f"a byte order mark before the {form}"),
        "empty_body": Scenario(b"", "retried", "no bytes"),
        "html": Scenario(HTML, "retried", "a page in place of the response", media_type="text/html"),
        "truncated": Scenario(right[: len(right) // 2], "retried", f"{form} that breaks off"),
    }


def field_scenarios(
    records: Iterable[dict[str, Any]],
    body: Callable[[list[dict[str, Any]]], bytes],
    *,
    new: dict[str, Any],
    missing: str,
    renamed: tuple[str, str],
) -> dict[str, Scenario]:
    """Build the responses whose records have a new field, lack one, or have one under another name.

    Args:
        records: The right records.
        body: Makes a response of records.
        new: The new field.
        missing: The field that is gone.
        renamed: The field with another name, and that name.
    """
    every, names = list(records), dict([renamed])
    lacking = [{name: value for name, value in one.items() if name != missing} for one in every]
    other = [{names.get(name, name): value for name, value in one.items()} for one in every]
    return {
        "new_field": Scenario(body([one | new for one in every]), "accepted", "a field that was not there before"),
        "missing_field": Scenario(body(lacking), "refused", "a field is gone"),
        "renamed_field": Scenario(body(other), "refused", "a field has another name"),
    }


def publishers() -> list[Publisher]:
    """List every simulated publisher: each module in `publishers/` declares some as `PUBLISHERS`."""
    folder = importlib.import_module("tests.refresh.publishers")
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return [one for name in names for one in importlib.import_module(f"tests.refresh.publishers.{name}").PUBLISHERS]
