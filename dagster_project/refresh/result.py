"""Define the result of refreshing a dataset.

Here: its fields, which commands show, Dagster records and the log stores. Not here: how they are counted (`run`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.refresh.planning import TROUBLING, StopReason
from dagster_project.refresh.refused import Refusal


@dataclass
class Result:
    """The numbers of requests, figures and failures of one dataset's refresh.

    Args:
        source: The publisher.
        dataset: The dataset, `source/name`.
        planned: Planned requests.
        answered: Planned requests that were answered in this run.
        already: Planned requests that were answered recently and not sent again.
        requests: Requests sent, including redirects and repetitions.
        retries: Requests sent that were repetitions.
        bytes: Bytes received.
        new: Figures that were not stored before.
        changed: Figures that the publisher has changed.
        withdrawn: Figures that the publisher has withdrawn.
        confirmed: Figures that equal the stored ones.
        nothing: Requests for which the publisher has no figures.
        set_aside: Rows of accepted responses that break the contract.
        archived: The ids of the new snapshots.
        refusals: Responses that were refused.
        unanswered: Requests without a response, each with the reason.
        notes: Notes for a maintainer.
        skipped: Why the publisher was not asked, or not to the end; None if it was.
        stopped: The kind of that reason.
    """

    source: str
    dataset: str
    planned: int = 0
    answered: int = 0
    already: int = 0
    requests: int = 0
    retries: int = 0
    bytes: int = 0
    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    confirmed: int = 0
    nothing: int = 0
    set_aside: int = 0
    archived: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str | None = None
    stopped: StopReason | None = None

    @property
    def failed(self) -> bool:
        """Return whether a person should look at the refresh."""
        return bool(self.refusals or self.unanswered) or self.stopped in TROUBLING

    @property
    def is_over(self) -> bool:
        """Return whether every planned request is done."""
        return self.answered + self.already + len(self.refusals) + len(self.unanswered) >= self.planned

    @property
    def record(self) -> dict[str, Any]:
        """Return the fields to store in the log."""
        refusals = [[one.reason, str(one.folder)] for one in self.refusals]
        return {name: value for name, value in vars(self).items() if name != "refusals"} | {"refusals": refusals}

    def add_counts(self, counts: Mapping[str, int]) -> None:
        """Add each count to the field with its name."""
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)
