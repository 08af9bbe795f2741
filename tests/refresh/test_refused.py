"""A refused response is stored with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml

from dagster_project import snapshots
from dagster_project.project import Project
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask
from tests.refresh.server import Reply, Server


def test_a_response_that_is_refused_again_is_counted_and_asked_for_again(where: Project, server: Server) -> None:
    wrong = Reply(example.body((*example.FIGURES, ("JPN", "2023", "export", "5"))))
    server.reply(wrong)
    (result,) = ask(where, server)
    (refusal,) = result.refusals
    (result,) = ask(where, server, time=FakeTime(NOW + timedelta(days=1)))
    assert result.refusals == [refusal]
    assert yaml.safe_load((refusal.folder / "reason.yml").read_text())["times"] == 2
    assert len(list((where.refused / TRADE.path).iterdir())) == 1
    # What was refused is asked again, although it was asked a moment ago.
    server.reply(example.RIGHT)
    (result,) = ask(where, server, time=FakeTime(NOW + timedelta(days=1)))
    assert result.new == 4


def test_what_cannot_be_written_down_is_refused(where: Project, server: Server) -> None:
    unwritable: dict[str, Any] = {"\ud800": "an unpaired surrogate"}
    server.reply(Reply(example.body(example.FIGURES, **unwritable)))
    (result,) = ask(where, server)
    (refusal,) = result.refusals
    assert "an unpaired surrogate" in refusal.reason
    assert yaml.safe_load((refusal.folder / "reason.yml").read_text())["reason"] == refusal.reason
    assert snapshots.find_snapshots(where, TRADE.path) == []
