"""A build reads snapshots, and rejects invalid ones."""

from __future__ import annotations

import pytest

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from dagster_project.snapshots import hash_file
from tests.pipeline.test_refusals import KOSIS


@pytest.mark.long
def test_bytes_that_do_not_match_their_manifest_stop_the_build(project: Project) -> None:
    before = hash_file(project.published_file)
    (snapshot,) = snapshots.find_snapshots(project, KOSIS)
    snapshot.data.write_bytes(snapshot.data.read_bytes() + b"\n")
    with pytest.raises(BilateralError, match=snapshot.id):
        build_warehouse(project)
    assert hash_file(project.published_file) == before
