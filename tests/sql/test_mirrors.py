"""Both sides of trade: the partner's opposite flow, freight and entrepots in the gap, balances through an entrepot."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_a_gap_is_the_reporters_figure_less_the_partners(bench: Bench) -> None:
    """Freight makes imports larger by up to a fifth; where the safe tables lack it, another table has it."""
    bench.check("""
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd valuation source snapshot_ids
        AAA           BBB          export 2018-01-01   100       FOB       p      s1
        BBB           AAA          import 2018-01-01   115       CIF       q      s2
        AAA           BBB          export 2019-01-01   90        FOB       p      s1
        BBB           AAA          import 2019-01-01   80        CIF       q      s2
        AAA           BBB          export 2020-01-01   100       FOB       p      s1
        BBB           AAA          import 2020-01-01   121       CIF       q      s2
        AAA           BBB          export 2021-01-01   100       FOB       p      s1
        BBB           AAA          import 2021-01-01   120       CIF       q      s2
        AAA           BBB          export 2022-01-01   0         FOB       p      s1
        BBB           AAA          import 2022-01-01   20        CIF       q      s2
        AAA           BBB          export 2023-01-01   14        FOB       p      s1
        BBB           AAA          import 2023-01-01   0         CIF       q      s2
        AAA           BBB          export 2024-01-01   7         FOB       p      s1
        BBB           AAA          import 2024-01-01   7         CIF       q      s2
        AAA           BBB          export 2025-01-01   7         FOB       p      s1
        AAA           BBB          import 2018-01-01   40        CIF       p      s3
        BBB           AAA          export 2018-01-01   38        FOB       q      s4
        AAA           CCC          export 2018-01-01   50        FOB       p      s1
        CCC           AAA          import 2018-01-01   60        CUSTOMS   u      s5
        EEE           BBB          export 2018-01-01   9         FOB       d      s6
        BBB           EEE          import 2018-01-01   4         CIF       q      s2
        DDD           BBB          export 2018-01-01   5         FOB       d      s6
        BBB           DDD          import 2018-01-01   5         CIF       q      s2
        given marts.other_valuation_annual
        reporter_code partner_code year valuation   imports_usd snapshot_ids
        CCC           AAA          2018 FOB-CIF     66          o
        CCC           AAA          2018 FOB-CUSTOMS 67          no
        CCC           AAA          2019 FOB-CIF     68          no
        CCC           BBB          2018 FOB-CIF     69          no
        AAA           CCC          2018 FOB-CIF     70          no
        BBB           AAA          2018 FOB-CIF     71          no
        AAA           BBB          2018 FOB-CIF     72          no
        expect marts.mirror_trade_annual where reporter_code = 'AAA'
        partner_code flow year reported_usd mirror_usd gap_usd gap_ratio relative_gap_pct cumulated_gap_usd
        BBB export 2018 100 115 -15 ~0.8695652173913043 ~-13.043478260869565 -15
        BBB export 2019 90  80  10  1.125               12.5                 -5
        BBB export 2020 100 121 -21 ~0.8264462809917356 ~-17.355371900826446 -26
        BBB export 2021 100 120 -20 ~0.8333333333333334 ~-16.666666666666668 -46
        BBB export 2022 0   20  -20 0                   -100                 -66
        BBB export 2023 14  0   14  -                   -                    -52
        BBB export 2024 7   7   0   1                   0                    -52
        BBB import 2018 40  38  2   ~1.0526315789473684 ~5.2631578947368425  2
        CCC export 2018 50  60  -10 ~0.8333333333333334 ~-16.666666666666668 -10
        expect marts.mirror_trade_annual where reporter_code in ('AAA', 'DDD')
        partner_code flow   year cif_fob_ratio       cif_fob_reading gap_share_pct snapshot_ids
        BBB          export 2018 1.15                within          15            "s1, s2"
        BBB          export 2019 ~0.8888888888888888 below           10            "s1, s2"
        BBB          export 2020 1.21                above           21            "s1, s2"
        BBB          export 2021 1.2                 within          20            "s1, s2"
        BBB          export 2022 -                   -               20            "s1, s2"
        BBB          export 2023 0                   -               14            "s1, s2"
        BBB          export 2024 1                   within          0             "s1, s2"
        BBB          import 2018 ~1.0526315789473684 within          100           "s3, s4"
        CCC          export 2018 1.32                above           100           "o, s1, s5"
        BBB          export 2018 1                   within          -             "s2, s6"
        expect marts.mirror_trade_annual where reporter_code in ('BBB', 'CCC') and year = 2018
        reporter_code flow gap_usd cif_fob_ratio reported_valuation mirror_valuation reported_source mirror_source
        BBB import 15 1.15                CIF     FOB q p
        BBB export -2 ~1.0526315789473684 FOB     CIF q p
        BBB import 0  1                   CIF     FOB q d
        BBB import -5 ~0.4444444444444444 CIF     FOB q d
        CCC import 10 1.32                CUSTOMS FOB u p
    """)


def test_an_entrepot_explains_no_more_than_passed_through_it(bench: Bench) -> None:
    """What is known to be re-exported goes before all of its trade with the other side."""
    bench.check("""
        given marts.mirror_trade_annual snapshot_ids=s
        flow   reporter_code partner_code year reported_usd mirror_usd reported_valuation mirror_valuation gap_usd
        import AAA           BBB          2018 100          80         CIF                FOB              20
        export AAA           BBB          2018 100          80         FOB                CIF              20
        import USA           CHN          2018 100          80         CUSTOMS            FOB              20
        import USA           CHN          2019 100          80         CUSTOMS            FOB              20
        import CHN           USA          2018 80           85         CIF                FOB              -5
        import CHN           USA          2019 80           60         CIF                FOB              20
        import CHN           HKG          2018 80           60         CIF                FOB              20
        import HKG           CHN          2018 80           60         CIF                FOB              20
        given marts.other_valuation_annual
        reporter_code partner_code year imports_usd snapshot_ids
        USA           CHN          2018 106         o
        USA           AAA          2018 107         no
        AAA           CHN          2018 108         no
        CHN           USA          2019 999         o
        given core.entrepots
        partner_code entrepot_code
        CHN          HKG
        given core.re_exports_annual
        entrepot_code origin_code destination_code year value_usd snapshot_id
        HKG           CHN         USA              2018 15        r
        MAC           CHN         USA              2018 1         no
        HKG           JPN         USA              2018 2         no
        HKG           CHN         JPN              2018 3         no
        HKG           CHN         USA              2017 4         no
        HKG           CHN         AAA              2019 5         no
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd snapshot_ids
        HKG           USA          export 2018-01-01   90        t
        HKG           USA          export 2019-01-01   30        t
        HKG           USA          import 2018-01-01   4         t
        HKG           USA          import 2019-01-01   8         t
        HKG           CHN          import 2019-01-01   7         no
        HKG           CHN          export 2019-01-01   7         no
        MAC           USA          import 2019-01-01   9         no
        MAC           USA          export 2019-01-01   9         no
        expect marts.mirror_gap_annual
        importer_code exporter_code year imports_usd exports_usd imports_valuation exports_valuation entrepot_code
        AAA           BBB           2018 100         80          CIF               FOB               -
        USA           CHN           2018 100         80          CUSTOMS           FOB               HKG
        USA           CHN           2019 100         80          CUSTOMS           FOB               HKG
        CHN           USA           2018 80          85          CIF               FOB               HKG
        CHN           USA           2019 80          60          CIF               FOB               HKG
        CHN           HKG           2018 80          60          CIF               FOB               -
        HKG           CHN           2018 80          60          CIF               FOB               -
        expect marts.mirror_gap_annual
        importer_code year gap_usd gap_with_freight_usd freight_usd entrepot_bound_usd entrepot_basis snapshot_ids
        AAA           2018 20      20                   -           -                  -              s
        USA           2018 20      26                   6           15                 re_exports     "o, r, s"
        USA           2019 20      -                    -           30                 all_trade      "s, t"
        CHN           2018 -5      -5                   -           4                  all_trade      "s, t"
        CHN           2019 20      20                   -           8                  all_trade      "o, s, t"
        CHN           2018 20      20                   -           -                  -              s
        HKG           2018 20      20                   -           -                  -              s
        expect marts.mirror_gap_annual where entrepot_bound_usd is not null
        importer_code year remainder_usd
        USA           2018 5
        USA           2019 0
        CHN           2018 -5
        CHN           2019 12
    """)


def test_a_balance_is_set_beside_the_partners_with_the_sign_turned(bench: Bench) -> None:
    pair = "reporter_code partner_code year"
    bench.check(f"""
        given marts.trade_balance_annual
        {pair} exports_usd imports_usd balance_usd balance_sign is_complete observation_status snapshot_ids
        AAA BBB 2018 100 60 40  surplus  true  A s1
        BBB AAA 2018 50  85 -35 deficit  true  E s2
        AAA BBB 2019 50  60 -10 deficit  true  P s1
        BBB AAA 2019 70  55 15  surplus  true  A s2
        AAA BBB 2020 40  40 0   -        true  A s1
        BBB AAA 2020 40  40 0   balanced true  A s2
        AAA BBB 2021 60  40 20  surplus  true  A s1
        BBB AAA 2021 60  50 10  -        true  A s2
        AAA BBB 2022 60  -  -   -        false A s1
        BBB AAA 2022 60  50 10  surplus  true  A s2
        AAA CCC 2018 10  20 -10 deficit  true  A s3
        CCC AAA 2018 5   7  -2  deficit  true  A s4
        AAA CCC 2019 10 20 -10 deficit true A s3
        CCC AAA 2019 5 - - - false A s4
        DDD BBB 2018 10  20 -10 deficit  true  A s3
        BBB DDD 2018 20  10 10  surplus  true  A s2
        EEE BBB 2018 0   0  0   balanced true  A s3
        BBB EEE 2018 3   0  3   surplus  true  A s2
        expect marts.mirror_balance_annual where reporter_code != 'BBB' and reporter_code != 'CCC'
        reporter_code partner_code year balance_reported_usd balance_mirror_usd gap_usd relative_gap_pct
        AAA           BBB          2018 40                   35                 5       3.125
        AAA           BBB          2019 -10                  -15                5       ~4.545454545454546
        AAA           BBB          2020 0                    0                  0       0
        AAA           BBB          2021 20                   -10                30      30
        AAA           CCC          2018 -10                  2                  -12     -40
        DDD           BBB          2018 -10                  -10                0       0
        EEE           BBB          2018 0                    -3                 3       -
        expect marts.mirror_balance_annual where reporter_code = 'AAA' and observation_status != 'A'
        year observation_status
        2018 E
        2019 P
        expect marts.mirror_balance_annual where reporter_code != 'BBB' and reporter_code != 'CCC'
        balance_reported_sign balance_mirror_sign signs_agree gap_share_pct snapshot_ids cumulated_gap_usd
        surplus               surplus             true        12.5          "s1, s2"     5
        deficit               deficit             true        12.5          "s1, s2"     10
        -                     balanced            -           0             "s1, s2"     10
        surplus               -                   -           75            "s1, s2"     40
        deficit               surplus             false       100           "s3, s4"     -12
        deficit               deficit             true        -             "s2, s3"     0
        balanced              deficit             false       100           "s2, s3"     3
    """)


def test_goods_through_an_entrepot_join_the_balance_with_where_they_are_from(bench: Bench) -> None:
    """Each balance that has a sign counts, by the reporter's figures and by those of the other two."""
    bench.check("""
        given core.entrepots
        partner_code entrepot_code
        CHN          HKG
        given marts.trade_balance_annual
        reporter_code partner_code year balance_usd balance_sign is_complete snapshot_ids
        AAA           CHN          2018 -30         deficit      true        s1
        AAA           HKG          2018 40          surplus      true        s2
        CHN           AAA          2018 20          surplus      true        s3
        HKG           AAA          2018 -25         deficit      true        s4
        AAA           CHN          2019 -30         deficit      true        s1
        AAA           HKG          2019 10          surplus      true        s2
        CHN           AAA          2019 -50         deficit      true        s3
        HKG           AAA          2019 5           surplus      true        s4
        AAA           CHN          2020 -30         deficit      true        s1
        AAA           HKG          2020 30          surplus      true        s2
        AAA           CHN          2021 -30         deficit      true        s1
        AAA           HKG          2021 10          -            true        s2
        CHN           AAA          2021 -50         -            true        s3
        HKG           AAA          2021 5           -            true        s4
        AAA           CHN          2022 -30         -            true        s1
        AAA           HKG          2022 40          surplus      true        s2
        CHN           AAA          2022 20          surplus      true        s3
        AAA           CHN          2023 30          surplus      true        s1
        AAA           HKG          2023 -29         surplus      true        s2
        HKG           AAA          2023 -5          deficit      true        s4
        AAA           CHN          2024 -           -            false       s1
        HKG           CHN          2018 7           surplus      true        s4
        CHN           CHN          2018 -7          deficit      true        s4
        BBB           CHN          2018 6           surplus      true        s5
        BBB           HKG          2018 3           surplus      true        s6
        CHN           BBB          2018 -4          deficit      true        s7
        HKG           BBB          2018 1           surplus      true        s8
        AAA           JPN          2018 9           surplus      true        s9
        JPN           AAA          2018 -9          deficit      true        s9
        expect marts.entrepot_balance_annual
        reporter_code partner_code year entrepot_code balance_usd entrepot_balance_usd balance_with_entrepot_usd
        AAA           CHN          2018 HKG           -30         40                   10
        AAA           CHN          2019 HKG           -30         10                   -20
        AAA           CHN          2020 HKG           -30         30                   0
        AAA           CHN          2021 HKG           -30         -                    -
        AAA           CHN          2022 HKG           -30         40                   10
        AAA           CHN          2023 HKG           30          -29                  1
        BBB           CHN          2018 HKG           6           3                    9
        expect marts.entrepot_balance_annual
        year balance_mirror_usd entrepot_mirror_usd mirror_with_entrepot_usd status        snapshot_ids
        2018 -20                25                  5                        both_sides    "s1, s2, s3, s4"
        2019 50                 -5                  45                       both_sides    "s1, s2, s3, s4"
        2020 -                  -                   -                        reporter_only "s1, s2"
        2021 -                  -                   -                        no_entrepot   s1
        2022 -20                -                   -                        reporter_only "s1, s2, s3"
        2023 -                  5                   -                        reporter_only "s1, s2, s4"
        2018 4                  -1                  3                        both_sides    "s5, s6, s7, s8"
        expect marts.entrepot_balance_annual
        reporter_code year sign_with_entrepot sign_changes signs_agree_with_entrepot reason
        AAA 2018 surplus  true  true  "Nothing is missing."
        AAA 2019 deficit  false false "Nothing is missing."
        AAA 2020 balanced true  -     "This warehouse does not have the figures of CHN and HKG for the year."
        AAA 2021 -        -     -     "This warehouse has no balance of AAA with HKG for the year."
        AAA 2022 -        -     -     "This warehouse does not have the figures of HKG for the year."
        AAA 2023 surplus  false -     "This warehouse does not have the figures of CHN for the year."
        BBB 2018 surplus  false true  "Nothing is missing."
    """)
