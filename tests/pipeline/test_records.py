"""A work file records what its tables were made from."""

from __future__ import annotations

import pytest

from dagster_project.pipeline import open_build
from dagster_project.project import Project

pytestmark = pytest.mark.long


def test_what_a_table_was_made_from_is_recorded_with_it(project: Project) -> None:
    """Not only when it is published; a work file of a version that recorded less is made again."""
    name = "staging.economy_codes"
    with open_build(project) as work:
        work.file.connection.execute("delete from meta.inputs where table_name = $1", [name])
    with open_build(project) as work:
        assert not work.tables.is_current(name)
        work.tables.make_table(name)
    with open_build(project) as work:
        assert work.tables.is_current(name)
        assert work.records.tables[name].inputs == work.tables.hash_inputs(work.catalog.models[name])
