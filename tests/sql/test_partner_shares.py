"""Shares of partners: whose total they are of, when every partner is listed, and which ranks are sure."""

from __future__ import annotations

from tests.sql.bench import Bench

# Of each reporter: how many partners of which size, then the total.
SIZES = {
    "R01": (30, 3, 100),
    "R02": (29, 3.2, 100),
    "R03": (30, 2.9, 100),
    "R04": (100, 0.5, 100),
    "R05": (99, 0.5, 100),
    "R06": (2, 50.05, 100),
    "R07": (2, 50.1, 100),
    "R08": (30, 2, 64.5),
    "R09": (30, 2.5, 100),
}
LARGEST = ("R08 P031 2.5 1", "R09 P031 15 1")


def test_a_list_is_complete_with_a_hundred_partners_or_thirty_of_nine_tenths(bench: Bench) -> None:
    """A partner has a rank where it is larger than what is attributed to nobody."""
    lines = [
        f"{reporter} P{number:03} {size} {number}"
        for reporter, (count, size, _) in SIZES.items()
        for number in range(1, count + 1)
    ]
    bench.given(
        "core.goods_trade_annual_candidates",
        "reporter_code partner_code value_usd precedence_rank\n" + "\n".join([*lines, *LARGEST]),
        flow="export",
        period_start="2015-01-01",
        source="p",
        publisher_code="pp",
        choice=1,
        snapshot_ids="s",
    )
    bench.given("core.source_precedence", "source dataset publisher_code\nw d wp\n", metric="goods_world")
    bench.given(
        "core.goods_trade_world_annual_candidates",
        "reporter_code value_usd\n" + "".join(f"{reporter} {total}\n" for reporter, (*_, total) in SIZES.items()),
        flow="export",
        period_start="2015-01-01",
        source="w",
        dataset="d",
        choice=1,
        snapshot_ids="t",
    )
    bench.check("""
        expect distinct marts.partner_share_annual where partner_code != '_X'
        reporter_code status partner_count partners_share_pct partner_rank share_pct world_source world_publisher_code
        R01 complete              30  90    -  3     w wp
        R02 some_partners         29  ~92.8 -  3.2   w wp
        R03 some_partners         30  87    -  2.9   w wp
        R04 complete              100 50    -  0.5   w wp
        R05 some_partners         99  49.5  -  0.5   w wp
        R06 some_partners         2   100.1 -  50.05 w wp
        R07 partners_exceed_total 2   100.2 1  50.1  w wp
        R08 complete              31  ~96.89922480620154 1 ~3.875968992248062  w wp
        R08 complete              31  ~96.89922480620154 - ~3.1007751937984496 w wp
        R09 complete              31  90     1 15    w wp
        R09 complete              31  90     - 2.5   w wp
        expect distinct marts.partner_share_annual where reporter_code in ('R01', 'R02', 'R07')
        reason
        "30 partners, 90.0% of the total of w; the rest is attributed to no partner."
        "29 of the partners are available; the rest is trade of other partners and trade attributed to no partner."
        "The partners of p make 100.2% of the total of w: two readings of one year."
        expect marts.partner_share_annual where partner_code = '_X'
        reporter_code partner_kind  round(value_usd,2) partner_rank
        R01           not_allocated 10                 -
        R02           not_held      7.2                -
        R03           not_held      13                 -
        R04           not_allocated 50                 -
        R05           not_held      50.5               -
        R06           not_held      -0.1               -
        R07           not_allocated -0.2               -
        R08           not_allocated 2                  -
        R09           not_allocated 10                 -
    """)


def test_a_total_is_that_of_the_partners_publisher_and_own_goods_count_as_named(bench: Bench) -> None:
    """Where it prints none, the first in order is taken; a change needs the same publishers a year before."""
    bench.check("""
        given core.source_precedence
        source dataset publisher_code metric
        p      d       pp             goods_world
        w      d       wp             goods_world
        p      d       no             goods_total
        given core.goods_trade_annual_candidates
        reporter_code partner_code flow period_start value_usd source publisher_code choice precedence_rank snapshot_ids
        AAA BBB export 2014-01-01 20 p pp 1 1 s
        AAA CCC export 2014-01-01 30 p pp 1 1 s
        AAA BBB export 2015-01-01 50 p pp 1 1 s
        AAA CCC export 2015-01-01 30 p pp 1 1 s
        AAA CCC export 2015-01-01 31 p pp 2 1 no
        AAA BBB export 2015-01-01 51 q qq 2 2 no
        AAA AAA export 2015-01-01 5  q qq 1 2 own
        AAA AAA export 2015-01-01 6  p pp 2 1 no
        AAA BBB import 2015-01-01 40 p pp 1 1 s
        AAA CCC import 2015-01-01 10 p pp 1 1 s
        AAA BBB export 2017-01-01 50 p pp 1 1 s
        AAA CCC export 2017-01-01 30 p pp 1 1 s
        ZZZ BBB export 2015-01-01 7  p pp 1 1 z
        ZZZ BBB export 2014-01-01 7  p pp 1 1 z
        given core.goods_trade_world_annual_candidates dataset=d
        reporter_code flow   period_start value_usd source choice snapshot_ids
        AAA           export 2014-01-01   200       p      1      t
        AAA           export 2015-01-01   100       p      2      t
        AAA           export 2015-01-01   111       w      1      no
        AAA           import 2015-01-01   80        w      1      u
        AAA           import 2015-01-01   90        x      2      no
        AAA           export 2017-01-01   100       p      1      t
        ZZZ           export 2014-01-01   70        w      1      v
        ZZZ           export 2015-01-01   70        p      1      v
        expect marts.partner_share_annual where year = 2015
        reporter_code partner_code flow   value_usd share_pct partner_kind source world_value_usd share_change_points
        AAA           BBB          export 50        50        economy      p      100             40
        AAA           CCC          export 30        30        economy      p      100             15
        AAA           AAA          export 5         5         own_goods    q      100             -
        AAA           _X           export 15        15        not_held     p      100             -
        AAA           BBB          import 40        50        economy      p      80              -
        AAA           CCC          import 10        12.5      economy      p      80              -
        AAA           _X           import 30        37.5      not_held     p      80              -
        ZZZ           BBB          export 7         10        economy      p      70              -
        ZZZ           _X           export 63        90        not_held     p      70              -
        expect distinct marts.partner_share_annual where year = 2015
        reporter_code flow   partner_count partners_share_pct world_source world_publisher_code snapshot_ids
        AAA           export 2             85                 p            pp                   "own, s, t"
        AAA           import 2             62.5               w            wp                   "s, u"
        ZZZ           export 1             10                 p            pp                   "v, z"
        expect marts.partner_share_annual where share_change_points is not null
        year partner_code
        2015 BBB
        2015 CCC
        expect distinct marts.partner_share_annual where reporter_code = 'ZZZ' and year = 2015
        reason
        "1 of the partners are available; the rest is trade of other partners and trade attributed to no partner."
    """)


def test_a_figure_below_its_products_gives_way_to_the_one_of_the_safe_table(bench: Bench) -> None:
    """Only that of the same pair, flow and year; without a total there is neither a share nor a rest."""
    bench.check("""
        given core.goods_trade_annual_candidates publisher_code=pp precedence_rank=1
        reporter_code partner_code flow period_start value_usd source choice is_below_products snapshot_ids
        AAA BBB export 2015-01-01 20 i 2 true  s
        AAA CCC export 2015-01-01 30 i 2 false s
        AAA BBB export 2015-01-01 26 c 1 false t
        AAA BBB export 2015-01-01 27 d 3 false no
        AAA CCC export 2015-01-01 31 c 1 false t
        AAA EEE export 2015-01-01 9  i 1 false s
        AAA EEE import 2015-01-01 8  c 1 false no
        AAA BBB import 2015-01-01 90 c 1 false no
        AAA BBB export 2014-01-01 91 c 1 false no
        AAA DDD import 2015-01-01 92 c 1 false no
        ZZZ BBB export 2015-01-01 93 c 1 false no
        expect marts.partner_share_annual where reporter_code = 'AAA' and year = 2015 and flow = 'export'
        partner_code value_usd source status   share_pct snapshot_ids
        BBB          26        c      no_total -         "s, t"
        CCC          30        i      no_total -         "s, t"
        EEE          9         i      no_total -         "s, t"
        expect distinct marts.partner_share_annual where reporter_code = 'ZZZ'
        reason
        "No published total of ZZZ's exports is available."
    """)


def test_in_a_tie_of_sources_the_first_in_order_counts_with_the_totals_of_its_publisher(bench: Bench) -> None:
    """A total of nought has no shares; one of a dataset without a publisher is none."""
    bench.check("""
        given core.source_precedence
        source dataset publisher_code metric
        k      d       kp             goods_world
        k      e       kp             goods_world
        k      f       mp             goods_world
        given core.goods_trade_annual_candidates choice=1 flow=export
        reporter_code partner_code value_usd source publisher_code precedence_rank period_start snapshot_ids
        AAA BBB 10 k kp 1 2015-01-01 s
        AAA CCC 10 k kp 5 2015-01-01 s
        AAA BBB 99 a mp 2 2015-01-01 s
        AAA CCC 99 a mp 2 2015-01-01 s
        AAA AAA 4  k kp 1 2015-01-01 s
        AAA AAA 8  k kp 1 2014-01-01 s
        AAA BBB 10 k kp 1 2014-01-01 s
        DDD BBB 20 k kp 1 2015-01-01 s
        DDD BBB 99 m mp 1 2015-01-01 s
        EEE BBB 0  k kp 1 2015-01-01 s
        EEE CCC 5  k kp 1 2015-01-01 s
        FFF BBB 5  k kp 1 2015-01-01 s
        GGG BBB 0.5 k kp 1 2015-01-01 s
        given core.goods_trade_world_annual_candidates flow=export
        reporter_code value_usd source dataset choice period_start snapshot_ids
        AAA           72        k      d       1      2015-01-01   t
        AAA           80        k      e       2      2015-01-01   t
        AAA           77        k      f       3      2015-01-01   t
        AAA           40        k      d       1      2014-01-01   t
        DDD           60        k      d       1      2015-01-01   t
        EEE           0         k      d       1      2015-01-01   t
        FFF           50        k      x       1      2015-01-01   t
        GGG           1         k      d       1      2015-01-01   t
        expect marts.partner_share_annual where reporter_code = 'GGG'
        partner_code share_pct partners_share_pct
        BBB          50        50
        _X           50        50
        expect marts.partner_share_annual where reporter_code != 'GGG'
        reporter_code year partner_code source value_usd world_value_usd round(share_pct,3) left(reason,52)
        AAA 2015 BBB k 10 72 13.889 "2 of the partners are available; the rest is trade o"
        AAA 2015 CCC k 10 72 13.889 "2 of the partners are available; the rest is trade o"
        AAA 2015 AAA k 4  72 5.556  "2 of the partners are available; the rest is trade o"
        AAA 2015 _X  k 48 72 66.667 "2 of the partners are available; the rest is trade o"
        AAA 2014 BBB k 10 40 25     "1 of the partners are available; the rest is trade o"
        AAA 2014 AAA k 8  40 20     "1 of the partners are available; the rest is trade o"
        AAA 2014 _X  k 22 40 55     "1 of the partners are available; the rest is trade o"
        DDD 2015 BBB k 20 60 33.333 "1 of the partners are available; the rest is trade o"
        DDD 2015 _X  k 40 60 66.667 "1 of the partners are available; the rest is trade o"
        EEE 2015 BBB k 0  0  -      "2 of the partners are available; the rest is trade o"
        EEE 2015 CCC k 5  0  -      "2 of the partners are available; the rest is trade o"
        EEE 2015 _X  k -5 0  -      "2 of the partners are available; the rest is trade o"
        FFF 2015 BBB k 5  -  -      "No published total of FFF's exports is available."
    """)


def test_a_reason_rounds_the_share_of_the_partners_to_hundredths(bench: Bench) -> None:
    """A hundred partners of 1 are 66.67% of 150 and 142.86% of 70."""
    lines = [f"{reporter} P{number:03}" for reporter in ("AAA", "BBB") for number in range(100)]
    same = {"value_usd": 1, "publisher_code": "pp", "choice": 1, "precedence_rank": 1}
    bench.given(
        "core.goods_trade_annual_candidates",
        "reporter_code partner_code\n" + "\n".join(lines),
        flow="export",
        period_start="2015-01-01",
        source="p",
        **same,
    )
    bench.check("""
        given core.source_precedence source=p dataset=d publisher_code=pp metric=goods_world
        reporter_code
        -
        given core.goods_trade_world_annual_candidates source=p dataset=d choice=1 flow=export period_start=2015-01-01
        reporter_code value_usd
        AAA           150
        BBB           70
        expect distinct marts.partner_share_annual
        reporter_code reason
        AAA           "100 partners, 66.67% of the total of p; the rest is attributed to no partner."
        BBB           "The partners of p make 142.86% of the total of p: two readings of one year."
    """)
