"""The coverage check, case by case: which other figures count, which years, and where each limit is."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_another_tabulation_of_the_same_records_shows_what_is_too_low(bench: Bench) -> None:
    """It counts for UN Comtrade's figures, in its newest reading, and where it is evidence and positive."""
    bench.check("""
        given core.source_precedence source=wits dataset=d
        metric         frequency reporter_code flow
        goods_evidence A         AAA           export
        goods_evidence A         AAA           import
        goods_evidence A         GGG           import
        goods_evidence A         HHH           import
        goods_total    A         III           export
        given core.goods_trade_observations period_start=2015-01-01
        reporter_code partner_code flow value_usd source dataset classification frequency known_to correction_id
        AAA BBB export 200 wits d TOTAL A -          -
        AAA BBB export 201 wits d HS    A -          -
        AAA BBB import 900 wits d TOTAL A -          -
        AAA BBB export 202 wits d TOTAL A 2020-01-01 -
        AAA BBB export 203 wits d TOTAL A -          c
        AAA BBB export 204 imf  d TOTAL A -          -
        AAA BBB export 205 wits e TOTAL A -          -
        AAA BBB export 206 wits d TOTAL M -          -
        AAA CCC export 0   wits d TOTAL A -          -
        AAA DDD export 1   wits d TOTAL A -          -
        AAA EEE export 300 wits d TOTAL A -          -
        AAA JJJ import 10  wits d TOTAL A -          -
        GGG AAA import 130 wits d TOTAL A -          -
        HHH AAA import 49  wits d TOTAL A -          -
        III BBB export 300 wits d TOTAL A -          -
        JJJ BBB export 300 wits d TOTAL A -          -
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd source
        AAA           BBB          export 2015-01-01   100       comtrade
        AAA           BBB          export 2016-01-01   100       comtrade
        AAA           CCC          export 2015-01-01   100       comtrade
        AAA           DDD          export 2015-01-01   1         comtrade
        AAA           EEE          export 2015-01-01   100       imf
        AAA           FFF          export 2015-01-01   5         comtrade
        FFF           AAA          import 2015-01-01   0         comtrade
        AAA           GGG          export 2015-01-01   100       comtrade
        AAA           GGG          export 2014-01-01   100       comtrade
        AAA           HHH          export 2015-01-01   100       comtrade
        AAA           JJJ          import 2015-01-01   7         comtrade
        III           BBB          export 2015-01-01   100       comtrade
        JJJ           BBB          export 2015-01-01   100       comtrade
        expect core.goods_trade_coverage where reporter_code != 'FFF'
        reporter_code partner_code year(period_start) other_value_usd other_ratio partner_value_usd partner_ratio
        AAA BBB 2015 200 0.5 -   -
        AAA BBB 2016 -   -   -   -
        AAA CCC 2015 -   -   -   -
        AAA DDD 2015 1   1   -   -
        AAA EEE 2015 -   -   -   -
        AAA FFF 2015 -   -   0   -
        AAA GGG 2014 -   -   -   -
        AAA GGG 2015 -   -   130 ~0.7692307692307693
        AAA HHH 2015 -   -   -   -
        AAA JJJ 2015 10  0.7 -   -
        III BBB 2015 -   -   -   -
        JJJ BBB 2015 -   -   -   -
        expect core.goods_trade_coverage where coverage_check in ('partner', 'other_source') and reporter_code != 'FFF'
        partner_code coverage_status coverage_reason
        BBB insufficient "US$100 is 50.0% of the figure in another table of the same records."
        DDD sufficient   "US$1 is 100.0% of the figure in another table of the same records."
        FFF apart        "US$5 is many times the US$0 that the partner reports, and the other flow is missing."
        GGG sufficient   "US$100 is 76.9% of the total that WITS sums up from the partner's records."
        JJJ sufficient   "US$7 is 70.0% of the figure in another table of the same records."
        expect distinct core.goods_trade_coverage where coverage_check is null
        coverage_status coverage_reason
        unchecked       "No other figure is available to check this one."
    """)


def test_a_share_in_the_total_is_set_against_the_four_years_on_either_side(bench: Bench) -> None:
    """Each total is 1,000: 40 are 4%, and fail beside 10%."""
    years = range(2010, 2023)
    named = {2018: ("949", "1"), 2020: ("949", "1.6")}
    candidates = "reporter_code partner_code period_start value_usd choice\n" + "".join(
        f"{reporter} BBB {year}-01-01 {named.get(year, ('1', '0'))[0]} 1\n"
        f"{reporter} CCC {year}-01-01 {named.get(year, ('1', '0'))[1]} 1\n"
        f"{reporter} BBB {year}-01-01 900 2\n"
        for reporter in ("AAA", "ZZZ")
        for year in years
    )
    worlds = "reporter_code period_start value_usd\n" + "".join(
        f"AAA {year}-01-01 {0 if year == 2022 else 1000}\nZZZ {year}-01-01 2000\n" for year in years
    )
    bench.given("core.goods_trade_annual_candidates", candidates, flow="export")
    bench.given("core.goods_trade_world_annual", worlds, flow="export")
    pairs = {
        "AAA BBB": {2010: 300, 2011: 100, 2015: 40, 2019: 120, 2020: 400},
        "AAA CCC": {2010: 300, 2011: 120, 2015: 40, 2019: 100, 2020: 400},
        "AAA DDD": {2014: 100, 2015: 40, 2016: 120},
        "AAA EEE": {2014: 100, 2015: 50, 2016: 100},
        "AAA FFF": {2014: 50, 2015: 24, 2016: 50},
        "AAA GGG": {2014: 49, 2015: 24, 2016: 50},
        "AAA HHH": {2018: 7, 2020: 7, 2022: 7},
        "AAA III": {2017: 100, 2018: 40, 2019: 100},
        "ZZZ BBB": {2013: 1800, 2015: 40},
    }
    bench.given(
        "core.goods_trade_annual",
        "reporter_code partner_code period_start value_usd\n"
        + "".join(f"{pair} {year}-01-01 {value}\n" for pair, held in pairs.items() for year, value in held.items()),
        flow="export",
        source="imf",
    )
    bench.check("""
        expect core.goods_trade_coverage where year(period_start) = 2015
        reporter_code partner_code total_share_pct usual_share_pct coverage_status coverage_check
        AAA           BBB          4               10              insufficient    own_years
        AAA           CCC          4               10              insufficient    own_years
        AAA           DDD          4               10              insufficient    own_years
        AAA           EEE          5               10              unchecked       -
        AAA           FFF          2.4             5               insufficient    own_years
        AAA           GGG          2.4             4.9             unchecked       -
        ZZZ           BBB          2               -               unchecked       -
        expect core.goods_trade_coverage where partner_code = 'HHH'
        year(period_start) partners_share_pct total_share_pct coverage_check coverage_status
        2018               95                 0.7             total          sufficient
        2020               95.1               0.7             total          sufficient
        2022               -                  -               -              unchecked
        # The whole total is named: nothing lacks a partner.
        expect core.goods_trade_coverage where partner_code = 'III' and year(period_start) = 2018
        usual_share_pct coverage_check coverage_status
        10              total          sufficient
        expect core.goods_trade_coverage where partner_code = 'HHH' and coverage_check is not null
        coverage_reason
        "All partners together make 95% of the reporter's published total."
        "All partners together make 95% of the reporter's published total."
        expect core.goods_trade_coverage where partner_code = 'DDD' and year(period_start) = 2015
        left(coverage_reason,60)
        "The partner's share in the reporter's total falls to 40% of "
    """)


def test_a_year_that_nobody_checks_is_as_most_of_the_last_three_that_were(bench: Bench) -> None:
    """10 of the 30 that the partner reports fail beside 20 of imports; 30 pass."""
    exports = {
        "AAA BBB": {2011: 30, 2012: 30, 2013: 10, 2014: 10, 2015: 10},
        "AAA CCC": {2013: 10, 2014: 30, 2015: 10},
        "ZZZ BBB": {2012: 30, 2013: 30, 2014: 30, 2015: 10},
        "YYY DDD": {2013: 10, 2015: 10},
        "XXX DDD": {2011: 30, 2012: 30},
        "ZZZ CCC": {2012: 10, 2013: 10, 2014: 30, 2015: 10, 2016: 10},
    }
    lines = ["reporter_code partner_code flow period_start value_usd"]
    for pair, held in exports.items():
        reporter, partner = pair.split()
        for year, value in held.items():
            lines += [f"{pair} export {year}-01-01 {value}", f"{pair} import {year}-01-01 20"]
            lines += [f"{partner} {reporter} import {year}-01-01 30"] if year < 2015 else []
    bench.given("core.goods_trade_annual", "\n".join(lines), source="imf")
    bench.check("""
        expect core.goods_trade_coverage where flow = 'export' and year(period_start) >= 2014
        reporter_code partner_code year(period_start) coverage_status coverage_check right(coverage_reason,20)
        AAA           BBB          2014               insufficient    partner        "sign of the balance."
        AAA           BBB          2015               insufficient    earlier_years  "the partner reports."
        AAA           CCC          2014               sufficient      partner        "the partner reports."
        AAA           CCC          2015               unchecked       -              "e to check this one."
        ZZZ           BBB          2014               sufficient      partner        "the partner reports."
        ZZZ           BBB          2015               unchecked       -              "e to check this one."
        YYY           DDD          2015               insufficient    earlier_years  "the partner reports."
        ZZZ           CCC          2014               sufficient      partner        "the partner reports."
        ZZZ           CCC          2015               insufficient    earlier_years  "the partner reports."
        ZZZ           CCC          2016               insufficient    earlier_years  "the partner reports."
    """)


def test_a_reason_writes_both_figures_and_what_the_partners_would_do_to_the_sign(bench: Bench) -> None:
    """Another tabulation goes before the partner only where it shows a figure that is too low."""
    bench.check("""
        given core.source_precedence source=wits dataset=d metric=goods_evidence frequency=A
        reporter_code flow
        AAA           export
        K1            import
        K2            import
        given core.goods_trade_observations period_start=2015-01-01 source=wits dataset=d
        reporter_code partner_code flow   value_usd classification frequency
        K1            AAA          import 50        TOTAL          A
        K2            AAA          import 49        TOTAL          A
        AAA           M1           export 300       TOTAL          A
        AAA           M2           export 10        TOTAL          A
        AAA           M3           export 100       TOTAL          A
        given core.goods_trade_annual period_start=2015-01-01 source=comtrade
        reporter_code partner_code export     import
        AAA           K1           100        .
        AAA           K2           100        .
        AAA           L1           100        .
        L1            AAA          .          43
        AAA           M1           100        .
        M1            AAA          .          100
        AAA           M2           7          .
        M2            AAA          .          21
        AAA           M3           100        .
        M3            AAA          .          130
        AAA           N1           10         50
        N1            AAA          .          30
        AAA           P1           9999       .
        P1            AAA          .          10000
        AAA           P2           10000      .
        P2            AAA          .          9999
        AAA           P3           1234567    .
        P3            AAA          .          1236567
        AAA           P4           999994000  .
        P4            AAA          .          999995000
        AAA           P5           999995000  .
        P5            AAA          .          999994000
        AAA           P6           1234567000 .
        P6            AAA          .          1236567000
        expect core.goods_trade_coverage where reporter_code = 'AAA' and flow = 'export'
        partner_code left(coverage_reason,78)
        K1 "US$100 is 200.0% of the total that WITS sums up from the partner's records."
        K2 "No other figure is available to check this one."
        L1 "US$100 is 2.3 times the US$43 that the partner reports, and the other flow is "
        M1 "US$100 is 33.3% of the figure in another table of the same records."
        M2 "US$7 is 33.3% of the US$21 that the partner reports, and the other flow is mis"
        M3 "US$100 is 76.9% of the US$130 that the partner reports."
        N1 "US$10 is 33.3% of the US$30 that the partner reports, which would not turn the"
        P1 "US$9999 is 100.0% of the US$0.01m that the partner reports."
        P2 "US$0.01m is 100.0% of the US$9999 that the partner reports."
        P3 "US$1.23m is 99.8% of the US$1.24m that the partner reports."
        P4 "US$999.99m is 100.0% of the US$1.0bn that the partner reports."
        P5 "US$1.0bn is 100.0% of the US$999.99m that the partner reports."
        P6 "US$1.23bn is 99.8% of the US$1.24bn that the partner reports."
    """)


def test_flows_are_identical_in_one_table_of_one_pair_in_years_that_follow_each_other(bench: Bench) -> None:
    years = ("2001-01-01", "2002-01-01", "2003-01-01")
    usual = "s d TOTAL A - -"
    # Of each pair exports of 5, and of a pair the imports that are no match, with what is different about them.
    others = {
        "AAA BBB": "AAA BBB import 5 s d HS A - -",
        "CCC BBB": "CCC BBB import 5 s d TOTAL M - -",
        "DDD BBB": "DDD BBB import 5 s d TOTAL A 2020-01-01 -",
        "EEE BBB": "EEE BBB import 5 s d TOTAL A - c",
        "FFF BBB": "FFF BBB import 5 t d TOTAL A - -",
        "GGG BBB": "GGG BBB import 5 s e TOTAL A - -",
        "HHH BBB": f"HHI BBB import 5 {usual}",
        "III BBB": f"III BBC import 5 {usual}",
        "JJJ BBB": f"JJJ BBB import 6 {usual}",
    }
    lines = ["period_start reporter_code partner_code flow value_usd source dataset classification frequency known_to"]
    lines[0] += " correction_id"
    for year in years:
        for pair in ("KOR TZA", "KOR RWA", "MMM RWA"):
            lines += [f"{year} {pair} {flow} 1 {usual}" for flow in ("export", "import")]
        for pair, other in others.items():
            lines += [f"{year} {pair} export 5 {usual}", f"{year} {other}"]
        lines += [f"{year} NNN BBB {flow} 0 {usual}" for flow in ("export", "import")]
    for year in ("2001-01-01", "2002-01-01", "2004-01-01"):
        lines += [f"{year} {one} UGA {flow} 7 {usual}" for one in ("KOR", "MMM") for flow in ("export", "import")]
    for year, flow in (("2004-01-01", "export"), ("2005-01-01", "import")):
        lines += [f"{year} KOR TZA {flow} 8 {usual}"]
    bench.given("core.goods_trade_observations", "\n".join(lines))
    bench.check("""
        expect core.goods_trade_set_aside group by all
        reporter_code partner_code flow   rule            count(*) max(year(period_start)) substr(reason,25,30)
        KOR           TZA          export identical_flows 3        2003 "equal to the dollar in 3 years"
        KOR           TZA          import identical_flows 3        2003 "equal to the dollar in 3 years"
        KOR           RWA          export identical_flows 3        2003 "equal to the dollar in 3 years"
        KOR           RWA          import identical_flows 3        2003 "equal to the dollar in 3 years"
        MMM           RWA          export identical_flows 3        2003 "equal to the dollar in 3 years"
        MMM           RWA          import identical_flows 3        2003 "equal to the dollar in 3 years"
    """)


FIGURES = "source dataset reporter_code partner_code flow period_start value_usd"


def list_figures(flow: str, value: int, years: int = 20, odd: int = 0) -> list[str]:
    """List a flow's figures of the years from 2001, of which the last are odd thousands."""
    return [f"{flow} {2000 + year}-01-01 {value + 1000 * (year > years - odd)}" for year in range(1, years + 1)]


def list_others(dataset: str, odd: int, even: int, slips: int = 0) -> list[str]:
    """List figures of a dataset of which no two are of one flow; slips are no whole thousands."""
    values = [1_500] * slips + [4_001_000] * (odd - slips) + [4_000_000] * even
    return [f"{dataset} RRR {number} export 2001-01-01 {value}" for number, value in enumerate(values)]


def test_a_flow_is_counted_twice_only_in_a_table_in_thousands(bench: Bench) -> None:
    """A hundred figures may have one slip, and from 40 to 60 odd thousands, slips among them."""
    lines = [FIGURES]
    for source, odd, slips in (("a", 40, 1), ("b", 60, 1), ("c", 39, 1), ("d", 61, 1), ("e", 50, 2)):
        lines += list_figures(f"{source} d AAA {source} export", 4_000_000)
        lines += list_others(f"{source} d", odd, 80 - odd, slips)
    bench.given("core.goods_trade_observations", "\n".join(lines), classification="TOTAL", frequency="A")
    bench.check("""
        expect core.goods_trade_set_aside group by all
        source reporter_code partner_code rule          count(*) left(reason,34)
        a      AAA           a            counted_twice 20       "20 of 20 figures of the flow are e"
        b      AAA           b            counted_twice 20       "20 of 20 figures of the flow are e"
    """)


def test_a_flow_that_was_counted_twice_is_set_aside_where_no_other_source_confirms_it(bench: Bench) -> None:
    """Its figure lies between 80% and 125% of another source's, for the same flow or as the partner reports it."""
    lines = [FIGURES, *list_others("s d", 100, 0), *list_others("s e", 20, 0), *list_others("t d", 20, 0)]
    # Twenty figures are enough, of which one may be odd.
    lines += list_figures("s d AAA BBB export", 4_000_000, odd=1)
    lines += list_figures("s d AAA EEE export", 4_000_000, years=19)
    lines += list_figures("s d EEE BBB export", 4_000_000, odd=2)
    # Their tables are not in thousands with as many odd ones as even ones.
    lines += list_figures("u d FFF BBB export", 4_000_000)
    lines += list_figures("s x FFF CCC export", 4_000_000)
    # Flows that are confirmed in 2013, and differ from the first in one respect.
    like = {
        "s d AAA CCC export": 6_000_000,
        "s d CCC BBB export": 6_000_000,
        "s d AAA BBB import": 6_000_000,
        "s e AAA BBB export": 400_000_000,
        "t d AAA BBB export": 40_000_000,
    }
    for number, (flow, value) in enumerate(like.items()):
        lines += list_figures(flow, value)
        lines += [f"u {number} {flow[4:]} 2013-01-01 {value}"]
    # What is identical too is set aside once, and even though two sources confirm it.
    lines += list_figures("s d AAA GGG export", 4_000_000) + list_figures("s d AAA GGG import", 4_000_000, years=3)
    lines += [f"{source} d AAA GGG export 2001-01-01 4000000" for source in ("u", "v")]
    confirming = (
        "u d AAA BBB export 2001-01-01 3200000",
        "u d AAA BBB export 2002-01-01 5000000",
        "u d BBB AAA import 2005-01-01 4000000",
    )
    others = (
        "u d AAA BBB export 2003-01-01 3199999",
        "u d AAA BBB export 2004-01-01 5000001",
        "u d BBB AAA export 2006-01-01 4000000",
        "u d AAA BBB import 2007-01-01 4000000",
        "u d AAA CCC export 2008-01-01 4000000",
        "u d CCC BBB export 2009-01-01 4000000",
        "s x AAA BBB export 2010-01-01 4000000",
        "u d BBB DDD import 2011-01-01 4000000",
        "u d DDD AAA import 2012-01-01 4000000",
        "s d CCC BBB import 2001-01-01 4000000",
    )
    lines += [*confirming, *others]
    bench.given("core.goods_trade_observations", "\n".join(lines), classification="TOTAL", frequency="A")
    bench.check("""
        # Years after 2000 add up to 210: of the first flow 1, 2 and 5 are confirmed, of the next five flows 13.
        expect core.goods_trade_set_aside group by all
        source dataset reporter_code partner_code flow rule "sum(year(period_start) - 2000)" count(*) left(reason,25)
        s      d       AAA BBB export counted_twice   202 17 "19 of 20 figures of the f"
        s      d       AAA CCC export counted_twice   197 19 "20 of 20 figures of the f"
        s      d       CCC BBB export counted_twice   197 19 "20 of 20 figures of the f"
        s      d       AAA BBB import counted_twice   197 19 "20 of 20 figures of the f"
        s      e       AAA BBB export counted_twice   197 19 "20 of 20 figures of the f"
        t      d       AAA BBB export counted_twice   197 19 "20 of 20 figures of the f"
        s      d       AAA GGG export counted_twice   204 17 "20 of 20 figures of the f"
        s      d       AAA GGG export identical_flows 6   3  "Exports and imports are e"
        s      d       AAA GGG import identical_flows 6   3  "Exports and imports are e"
    """)
