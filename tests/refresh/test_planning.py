"""Every source asks for what its settings say, whatever it is."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from dagster_project.refresh.planning import Options, find_asked_sources, plan_refresh
from dagster_project.sources import Source
from tests.refresh.publisher import publishers
from tests.refresh.running import FakeTime, project

EVERY = find_asked_sources()
by_code = pytest.mark.parametrize("source", EVERY, ids=[source.code for source in EVERY])


@by_code
def test_nothing_is_asked_from_before_the_first_year_of_the_settings(tmp_path: Path, source: Source) -> None:
    assert source.api is not None
    own = {field.name for field in fields(source.api.settings)}
    lines = [f"[{source.code}]", "enabled = true", *(["first_year = 2021"] if "first_year" in own else [])]
    if "indicators" in own:
        lines.append('indicators = ["NV.AGR.TOTL.ZS"]')
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n' + "\n".join(lines) + "\n")
    options = Options(environment={source.key_variable: "open-sesame"}, clock=FakeTime().clock, full=True)
    (planned,) = plan_refresh(where, [source.code], options)
    assert planned.requests
    if "first_year" in own:
        assert all(one.request.periods and one.request.periods[0] >= "2021" for one in planned.requests)
    assert {one.request.dataset for one in planned.requests} <= {f"{source.code}/{name}" for name in source.live}


@by_code
def test_every_dataset_that_an_api_fills_has_a_server_that_stands_for_its_publisher(source: Source) -> None:
    played = {publisher.dataset for publisher in publishers()}
    missing = {f"{source.code}/{name}" for name in source.live} - played
    assert not missing, f"declare PUBLISHERS of {sorted(missing)} in tests/refresh/publishers/{source.code}.py"
