"""Snapshots that nothing depends on are found and removed."""

from __future__ import annotations

from datetime import timedelta

from dagster_project.project import Project
from dagster_project.refresh import pruning
from tests.refresh import example
from tests.refresh.running import FakeTime, ask
from tests.refresh.server import Reply, Server


def test_what_showed_a_figure_first_is_not_pruned(where: Project, server: Server) -> None:
    time = FakeTime()
    revised = (*example.FIGURES[:3], ("CHN", "2023", "import", "1401"))
    again = tuple((*f[:3], f"{float(f[3] or 0) + 7}") for f in example.FIGURES)
    unused = []
    for figures in (example.FIGURES, revised, revised, again):
        server.reply(Reply(example.body(figures)))
        assert not ask(where, server, time=time, again=True)[0].failed
        unused.append([one.manifest.known_from.day for one in pruning.find_unused(where).unused])
        time.at += timedelta(days=1)
    # Three of its figures are known from the first day, whatever repeats them; when all are revised it may go.
    assert unused == [[], [], [], [1, 2]]
