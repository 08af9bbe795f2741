"""Policy events and printed figures, from the register and Global Trade Alert."""

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
        source="register",
        title="An event",
        stage="implemented",
        date_precision="day",
        evaluation="red",
        snapshot_id="now",
    )
    return timeline(bench)


def timeline(bench: Bench) -> Bench:
    """Make all tables of events, in order."""
    for name in ("scopes", "stages", "jurisdictions", "sources"):
        bench.run(f"core.policy_event_{name}")
    bench.run("core.policy_events", "marts.policy_timeline")
    return bench


# What Global Trade Alert said of three interventions, the first of them twice.
INTERVENTIONS = (
    "row_number snapshot_id intervention_id evaluation intervention_type implementing affected "
    "sectors products date_announced date_implemented date_removed"
    """
    1 older 152110 Red   "Import tariff"   USA     CHN;KOR 491     870431               2026-01-21 2026-03-22 -
    1 newer 152110 Red   "Import tariff"   USA     CHN;KOR 491     870431;870432;010121 2026-01-21 2026-03-22 2026-10-01
    2 newer 152717 Amber "Financial grant" USA     CHN     471;841 854231               2026-02-06 -          -
    3 newer 7      Green "Moon shot"       KOR;JPN CHN     -       -                    2026-03-01 2026-03-01 -
    """
)


@pytest.fixture
def alert(bench: Bench) -> Bench:
    bench.check("""
        given reference.gta_intervention_types
        intervention_type event_class
        "Import tariff"   tariff
        "Financial grant" subsidy
        given reference.snapshots
        snapshot_id known_from retrieved_at
        older       2026-04-01 2026-04-01
        newer       2026-11-02 2026-11-02
    """)
    bench.given(
        "raw.gta__interventions",
        INTERVENTIONS,
        asked_affected="CHN",
        state_act_id="9",
        state_act_title="An act",
        affected_basis="Inferred",
        intervention_url="https://example.org/intervention",
        state_act_url="https://example.org/act",
    )
    bench.run("staging.gta__interventions")
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
    assert register.ask("select source, count(*) from marts.policy_timeline group by all") == [("register", 3)]


def test_the_timeline_says_who_acted_at_the_stage_itself(register: Bench) -> None:
    """Korea put the duty on garlic, China banned telephones: each stage has its own actor, class and scope."""
    assert register.ask(
        "select event_class, implementing, affected, scope from marts.policy_timeline "
        "where event_id = 'E002' order by event_date"
    ) == [
        ("safeguard", "KOR", "CHN", "HS0703"),
        ("import_ban", "CHN", "KOR", "HS3901, HS8517"),
    ]


# A shock over which one of two was answered, a licence for all, an agreement of a group, and a shock without an answer.
BETWEEN = """
    event_id stage     event_class          evaluation implementing_codes affected_codes event_date scope_codes
    E007     announced security_shock       amber      KOR;USA            CHN            2016-07-08 all
    E007     partial   security_shock       amber      KOR;USA            CHN            2017-03-06 all
    E009     implemented informal_restriction red      CHN                KOR            2017-03-15 EBOPS:SD
    E012     implemented export_control     red        JPN                KOR            2019-07-04 HS2811
    E013     in_force  trade_agreement      green      CHN                CHN;KOR;VNM    2022-01-01 goods
    E018     announced export_control       red        CHN                WLD            2023-07-03 HS8112
    E040     implemented tariff             red        CHN                USA            2018-04-02 some_goods
    E024     announced security_shock       amber      JPN                CHN            2025-11-07 HS03
"""


@pytest.mark.parametrize(
    ("pair", "found"),
    [
        (("KOR", "CHN"), ["E007 2017-03-06", "E009 2017-03-15", "E013 2022-01-01", "E018 2023-07-03"]),
        (("CHN", "USA"), ["E040 2018-04-02", "E018 2023-07-03"]),
        (("KOR", "USA"), ["DESTA551 2012-03-15"]),
        (("VNM", "KOR"), []),
        (("JPN", "CHN"), ["E018 2023-07-03", "E024 2025-11-07"]),
    ],
)
def test_an_event_concerns_those_who_act_and_those_whom_they_touch(
    bench: Bench, pair: tuple[str, str], found: list[str]
) -> None:
    """China answered Korea over THAAD, which the United States deploys; its tariffs of 2018 answer those on steel."""
    bench.given(
        "staging.register__policy_event_stages",
        BETWEEN,
        source="register",
        title="An event",
        stage_title="A stage",
        date_precision="day",
        source_urls="u",
        is_current=True,
        snapshot_id="now",
    )
    bench.check("""
        given core.agreements
        agreement_id agreement side_codes other_side_codes in_force_on date_precision event_id
        DESTA551     KORUS     KOR        USA              2012-03-15  day            -
        DESTA909     FTA       KOR        CHN              2015-12-20  day            E005
    """)
    timeline(bench)
    asked = "select concat(event_id, ' ', event_date) from marts.policy_events_between('{}', '{}') order by event_date"
    for sides in (pair, pair[::-1]):
        assert [event for (event,) in bench.ask(asked.format(*sides))] == found


def test_printed_figures_are_those_of_the_newest_register(bench: Bench) -> None:
    """KBS: China's commerce minister, a deficit of 35.3bn with Korea in 2024."""
    bench.check("""
        given staging.register__published_figures reporter_code=CHN partner_code=KOR
        figure_id value         unit is_current snapshot_id
        minister  -35300000000  USD  true       now
        minister  -35000000000  USD  false      then
        withdrawn 1             USD  false      then
        expect core.published_figures
        figure_id value        snapshot_id
        minister  -35300000000 now
    """)


def test_the_newest_entry_of_an_intervention_counts(alert: Bench) -> None:
    assert alert.ask(
        "select event_id, snapshot_id, is_current from staging.gta__interventions order by event_id, snapshot_id"
    ) == [
        ("gta-152110", "newer", True),
        ("gta-152110", "older", False),
        ("gta-152717", "newer", True),
        ("gta-7", "newer", True),
    ]


def test_an_instrument_gives_an_event_its_class_and_an_unknown_one_gives_none(alert: Bench) -> None:
    assert alert.ask(
        "select event_id, event_class, evaluation from staging.gta__interventions where is_current order by event_id"
    ) == [
        ("gta-152110", "tariff", "red"),
        ("gta-152717", "subsidy", "amber"),
        ("gta-7", None, "green"),
    ]


def test_an_intervention_has_a_stage_for_each_of_its_dates(alert: Bench) -> None:
    assert timeline(alert).ask(
        "select event_date, event_id, stage, stage_title, implementing, affected, scope, source_urls, note, source "
        "from marts.policy_timeline order by event_date, stage"
    ) == [
        (
            day,
            event,
            stage,
            f"{instrument}: {stage}",
            implementing,
            affected,
            scope,
            "https://example.org/act https://example.org/intervention",
            "Affected economies: inferred.",
            "gta",
        )
        for day, event, stage, instrument, implementing, affected, scope in [
            (date(2026, 1, 21), "gta-152110", "announced", "Import tariff", "USA", "CHN, KOR", "HS01, HS87"),
            (date(2026, 2, 6), "gta-152717", "announced", "Financial grant", "USA", "CHN", "CPC841, HS85"),
            (date(2026, 3, 1), "gta-7", "announced", "Moon shot", "JPN, KOR", "CHN", "unstated"),
            (date(2026, 3, 1), "gta-7", "implemented", "Moon shot", "JPN, KOR", "CHN", "unstated"),
            (date(2026, 3, 22), "gta-152110", "implemented", "Import tariff", "USA", "CHN, KOR", "HS01, HS87"),
            (date(2026, 10, 1), "gta-152110", "removed", "Import tariff", "USA", "CHN, KOR", "HS01, HS87"),
        ]
    ]


def test_every_product_and_sector_of_an_intervention_is_a_scope(alert: Bench) -> None:
    assert timeline(alert).ask("select * from core.policy_event_scopes order by all") == [
        ("gta-152110", "CPC21", "491"),
        ("gta-152110", "HS2022", "010121"),
        ("gta-152110", "HS2022", "870431"),
        ("gta-152110", "HS2022", "870432"),
        ("gta-152717", "CPC21", "471"),
        ("gta-152717", "CPC21", "841"),
        ("gta-152717", "HS2022", "854231"),
        ("gta-7", "SCOPE", "unstated"),
    ]


def test_an_intervention_is_an_event_of_its_own_beside_the_registers(alert: Bench) -> None:
    alert.given(
        "staging.register__policy_event_stages",
        STAGES,
        source="register",
        title="An event",
        stage="implemented",
        date_precision="day",
        evaluation="red",
        snapshot_id="now",
    )
    assert timeline(alert).ask(
        "select event_id, source, title, event_class, first_stage_date, last_stage_date, stage_count "
        "from core.policy_events order by event_id"
    ) == [
        ("E002", "register", "An event", "safeguard", date(2000, 6, 1), date(2000, 6, 7), 2),
        ("E009", "register", "An event", "informal", date(2017, 3, 15), date(2017, 3, 15), 1),
        ("gta-152110", "gta", "An act", "tariff", date(2026, 1, 21), date(2026, 10, 1), 3),
        ("gta-152717", "gta", "An act", "subsidy", date(2026, 2, 6), date(2026, 2, 6), 1),
        ("gta-7", "gta", "An act", None, date(2026, 3, 1), date(2026, 3, 1), 2),
    ]
    assert alert.ask(
        "select economy_code, role from core.policy_event_jurisdictions where event_id = 'gta-7' order by all"
    ) == [("CHN", "affected"), ("JPN", "implementing"), ("KOR", "implementing")]


def test_an_agreement_has_two_sides_and_as_much_of_a_date_as_is_known(bench: Bench) -> None:
    bench.check("""
        given reference.agreements
        agreement_id agreement   side_codes other_side_codes signed_year in_force_on date_precision event_id
        DESTA384     EFTA–Korea  KOR        CHE;ISL;LIE;NOR  2005        2006-09-01  day            -
        DESTA831     Korea–Turkey KOR       TUR              2012        2013-05     month          -
        DESTA840     Australia–China CHN    AUS              2015        2015        year           -
        DESTA909     Korea–China KOR        CHN              2015        2015-12-20  day            E005
        expect core.agreements
        agreement_id other_side_codes     member_count in_force_on event_id
        DESTA384     "CHE, ISL, LIE, NOR" 5            2006-09-01  -
        DESTA831     TUR                  2            2013-05-01  -
        DESTA840     AUS                  2            2015-01-01  -
        DESTA909     CHN                  2            2015-12-20  E005
    """)
