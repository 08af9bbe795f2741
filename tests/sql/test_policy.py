"""Policy events and printed figures: one register, taken apart and put together again."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sql.bench import Bench

# Two stages of one dispute, and a stage that an earlier snapshot had under another date.
STAGES = """
    event_id stage_title    event_class implementing_codes affected_codes event_date scope_codes source_urls is_current
    E002     "China bans"   import_ban  CHN     KOR     2000-06-07 HS8517;HS3901  u2        true
    E002     "Korea's duty" safeguard   KOR     CHN     2000-06-01 HS0703         "u1 | u2" true
    E009     "Ban begins"   informal    CHN     WLD;KOR 2017-03-15 goods;EBOPS:SD u3        true
    E002     "China bans"   import_ban  CHN     KOR     2000-06-08 HS8517         u2        false
"""


@pytest.fixture
def register(bench: Bench) -> Bench:
    bench.given(
        "staging.register__policy_event_stages",
        STAGES,
        title="An event",
        stage="implemented",
        date_precision="day",
        evaluation="red",
        snapshot_id="now",
    )
    for name in ("stages", "jurisdictions", "scopes", "sources"):
        bench.run(f"core.policy_event_{name}")
    bench.run("core.policy_events")
    bench.run("marts.policy_timeline")
    return bench


def test_an_event_is_what_it_was_at_its_first_stage(register: Bench) -> None:
    assert register.ask(
        "select event_id, event_class, first_stage_date, last_stage_date, stage_count from core.policy_events "
        "order by event_id"
    ) == [
        ("E002", "safeguard", date(2000, 6, 1), date(2000, 6, 7), 2),
        ("E009", "informal", date(2017, 3, 15), date(2017, 3, 15), 1),
    ]


def test_an_economy_may_act_in_one_stage_and_be_touched_by_another(register: Bench) -> None:
    assert register.ask(
        "select economy_code, role from core.policy_event_jurisdictions where event_id = 'E002' order by all"
    ) == [("CHN", "affected"), ("CHN", "implementing"), ("KOR", "affected"), ("KOR", "implementing")]


def test_a_scope_is_a_product_an_item_of_services_or_a_word(register: Bench) -> None:
    scopes = register.ask("select event_id, classification, product_code from core.policy_event_scopes order by all")
    assert [row for row in scopes if row[0] == "E002"] == [
        ("E002", "HS", "0703"),
        ("E002", "HS", "3901"),
        ("E002", "HS", "8517"),
    ]
    assert {row[1:] for row in scopes if row[0] == "E009"} == {("EBOPS", "SD"), ("SCOPE", "goods")}


def test_every_stage_has_its_own_sources(register: Bench) -> None:
    assert register.ask("select event_date, source_url from core.policy_event_sources order by all") == [
        (date(2000, 6, 1), "u1"),
        (date(2000, 6, 1), "u2"),
        (date(2000, 6, 7), "u2"),
        (date(2017, 3, 15), "u3"),
    ]


def test_a_newer_register_replaces_the_older_as_a_whole(register: Bench) -> None:
    assert register.ask("select count(*) from core.policy_event_stages where event_date = date '2000-06-08'") == [(0,)]


def test_the_timeline_has_a_row_a_stage_with_all_that_explains_it(register: Bench) -> None:
    assert register.ask(
        "select event_date, title, stage_title, implementing, affected, scope, source_urls "
        "from marts.policy_timeline where event_id = 'E009'"
    ) == [(date(2017, 3, 15), "An event", "Ban begins", "CHN", "KOR, WLD", "EBOPS:SD, goods", "u3")]
    assert register.ask("select count(*) from marts.policy_timeline") == [(3,)]


def test_the_timeline_says_who_acted_at_the_stage_itself(register: Bench) -> None:
    """Korea put the duty on garlic, China banned telephones: each stage has its own actor, class and scope."""
    assert register.ask(
        "select event_class, implementing, affected, scope from marts.policy_timeline "
        "where event_id = 'E002' order by event_date"
    ) == [
        ("safeguard", "KOR", "CHN", "HS0703"),
        ("import_ban", "CHN", "KOR", "HS3901, HS8517"),
    ]


def test_printed_figures_are_those_of_the_newest_register(bench: Bench) -> None:
    """KBS: China's commerce minister, a deficit of 35.3bn with Korea in 2024."""
    bench.given(
        "staging.register__published_figures",
        """
        figure_id value         unit is_current snapshot_id
        minister  -35300000000  USD  true       now
        minister  -35000000000  USD  false      then
        withdrawn 1             USD  false      then
        """,
        reporter_code="CHN",
        partner_code="KOR",
    )
    bench.run("core.published_figures")
    assert bench.ask("select figure_id, value, snapshot_id from core.published_figures") == [
        ("minister", -35_300_000_000.0, "now")
    ]
