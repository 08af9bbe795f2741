"""Define the result of refreshing a dataset, which the command shows, Dagster records and the log stores."""

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
        answered: The number of planned requests that got a response in this run.
        already: The number of planned requests that were not sent again, because they had got a response recently.
        requests: The number of requests sent, including redirects and repetitions.
        retries: The number of repetitions.
        new: The number of figures that were not stored before.
        changed: The number of figures that the publisher has changed.
        withdrawn: The number of figures that the publisher has withdrawn.
        confirmed: The number of figures that equal the stored ones.
        nothing: The number of requests for which the publisher has no figures.
        set_aside: The number of rows of accepted responses that break the contract.
        archived: The IDs of the new snapshots.
        unanswered: The requests without a response, each with the reason.
        skipped: The reason why the publisher was skipped or the refresh ended early; otherwise None.
        stopped: The kind of the reason in `skipped`.
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
        return vars(self) | {"refusals": [[one.reason, str(one.folder)] for one in self.refusals]}

    def add_counts(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)
