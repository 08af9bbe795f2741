"""Send the facts of a build or a refresh to a webhook, each once, such as a refused response or a late figure.

A fact is one line of a notice; `pipeline.notices` and `refresh.notices` choose the facts. The webhook's address is a
secret, so it comes from the environment and is in no log line. If the receiver fails, the build or refresh continues,
and the next message has the facts that could not be sent.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from filelock import FileLock

from dagster_project.files import atomic_write, read_stored_json
from dagster_project.project import Project

ADDRESS = "BILATERAL_NOTIFY_URL"
ATTEMPTS = 3
# The seconds to wait for a connection and then for the response's status, and the seconds between two attempts.
SECONDS, WAIT = 5.0, 1.0
# The status of an attempt without a response.
NO_RESPONSE = 0
# The most lines of a message; the others go into the next one.
LINES = 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fact:
    """A line of a notice. Its name stays the same while the fact is true, so that the fact is sent only once."""

    name: str
    text: str


def read_address(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the address of the webhook, or None if none is set."""
    return environment.get(ADDRESS, "").strip() or None


def send_facts(
    project: Project, title: str, facts: Mapping[str, Sequence[Fact]], environment: Mapping[str, str] = os.environ
) -> None:
    """Send the facts that have not been sent yet, below `title`, if `environment` has an address. Raise no exception.

    `facts` has all facts that are true now, by scope, such as `late`. If a scope no longer lists a fact that was sent,
    the fact is forgotten, and sent again if it comes back. Scopes not in `facts` stay unchanged.
    """
    to = read_address(environment)
    if to is None:
        return
    try:
        project.archive.mkdir(parents=True, exist_ok=True)
        with FileLock(project.archive / "told.lock", timeout=ATTEMPTS * 2 * SECONDS):
            _send_new_facts(project, to, title, facts)
    except Exception as error:  # noqa: BLE001 - no failure here may stop a build or a refresh
        _log.warning("The notices could not be sent: %s", type(error).__name__)


def _send_new_facts(project: Project, to: str, title: str, facts: Mapping[str, Sequence[Fact]]) -> None:
    path = project.archive / "told.json"
    state: dict[str, Any] = read_stored_json(path) or {"told": {}, "waiting": []}
    told, before = state["told"], json.dumps(state)
    for scope, every in facts.items():
        known = set(told.pop(scope, ()))
        state["waiting"] += [fact.text for fact in every if fact.name not in known]
        if every:
            told[scope] = sorted({fact.name for fact in every})
    lines = state["waiting"]
    if lines:
        more = [f"and {len(lines) - LINES} more in the next message"] if len(lines) > LINES else []
        if send_message(to, "\n".join([title, *(f"• {line}" for line in lines[:LINES]), *more])):
            state["waiting"] = lines[LINES:]
    if json.dumps(state) != before:
        with atomic_write(path) as half:
            half.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")


def send_message(to: str, text: str) -> bool:
    """Send a message, at most `ATTEMPTS` times; return whether the receiver accepted it."""
    from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_fixed

    # A message that the receiver rejects or redirects is not sent again.
    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_fixed(WAIT),
        retry=retry_if_result(lambda status: status in {NO_RESPONSE, 429} or status >= 500),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else NO_RESPONSE,
    )
    status = retrying(_post_message, to, text)
    if 200 <= status < 300:
        return True
    _log.warning("The receiver did not accept a message: %s", f"HTTP {status}" if status else "no response")
    return False


def _post_message(to: str, text: str) -> int:
    """Send a message once, without following redirects, and return the HTTP status."""
    import httpx

    # These libraries log addresses, and this address is a secret.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        # Only the status of the response matters; its body is not read.
        with httpx.stream("POST", to, json={"text": text}, timeout=SECONDS) as response:
            return response.status_code
    except httpx.TransportError:
        return NO_RESPONSE
