"""Changes of a balance: what exports and imports add to them, and what each product does."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_a_change_is_the_one_of_exports_less_the_one_of_imports(bench: Bench) -> None:
    """Between neighbouring years, and from the first to the last; the larger of the two moved the balance."""
    bench.check("""
        given marts.trade_balance_annual
        reporter_code partner_code year exports_usd imports_usd is_complete coverage_status exports_source snapshot_ids
        AAA           BBB          2018 10          4           true        sufficient      p              s1
        AAA           BBB          2019 13          5           true        sufficient      q              s2
        AAA           BBB          2020 11          9           true        sufficient      r              s3
        AAA           BBB          2021 99          -           false       -               r              s3
        AAA           DDD          2015 20          9           true        unchecked       p              s1
        AAA           DDD          2017 17          10          true        unchecked       p              s1
        CCC           BBB          2011 10          10          true        -               p              s1
        CCC           BBB          2013 11          6           true        -               p              s1
        CCC           BBB          2014 10          7           true        -               p              s1
        CCC           BBB          2015 11          6           true        -               p              s1
        CCC           BBB          2016 12          7           true        -               p              s1
        CCC           BBB          2017 12.02       7.01        true        -               p              s1
        EEE           BBB          2018 10          4           true        insufficient    p              s1
        EEE           BBB          2019 13          5           true        sufficient      p              s1
        FFF           BBB          2018 10          4           true        sufficient      p              s1
        FFF           BBB          2019 13          5           true        insufficient    p              s1
        GGG           BBB          2018 10          4           true        sufficient      p              s1
        HHH           BBB          2018 10          4           true        sufficient      p              s1
        HHH           BBB          2019 13          3           true        sufficient      p              s1
        expect marts.balance_change_by_flow
        reporter_code partner_code from_year to_year span balance_from_usd balance_to_usd change_status exports_source
        AAA           BBB          2018      2019    year 6                8              chosen        q
        AAA           BBB          2019      2020    year 8                2              chosen        r
        AAA           BBB          2018      2020    all  6                2              chosen        r
        AAA           DDD          2015      2017    all  11               7              chosen        p
        CCC           BBB          2013      2014    year 5                3              chosen        p
        CCC           BBB          2014      2015    year 3                5              chosen        p
        CCC           BBB          2015      2016    year 5                5              chosen        p
        CCC           BBB          2016      2017    year 5                5.01           chosen        p
        CCC           BBB          2011      2017    all  0                5.01           chosen        p
        EEE           BBB          2018      2019    year 6                8              too_thin      p
        FFF           BBB          2018      2019    year 6                8              too_thin      p
        HHH           BBB          2018      2019    year 6                10             chosen        p
        expect marts.balance_change_by_flow
        from_year to_year exports_change_usd imports_change_usd balance_change_usd exports_contribution_pct driver
        2018 2019 3    1     2    150                 exports_gained
        2019 2020 -2   4     -6   ~33.333333333333336 imports_gained
        2018 2020 1    5     -4   -25                 imports_gained
        2015 2017 -3   1     -4   75                  exports_lost
        2013 2014 -1   1     -2   50                  imports_gained
        2014 2015 1    -1    2    50                  imports_lost
        2015 2016 1    1     0    -                   -
        2016 2017 0.02 0.01  0.01 200                 exports_gained
        2011 2017 2.02 -2.99 5.01 ~40.319361277445104 imports_lost
        2018 2019 3    1     2    -                   -
        2018 2019 3    1     2    -                   -
        2018 2019 3    -1    4    75                  exports_gained
        expect marts.balance_change_by_flow where reporter_code != 'CCC'
        from_year to_year imports_contribution_pct snapshot_ids
        2018      2019    -50                      "s1, s2"
        2019      2020    ~66.66666666666667       "s2, s3"
        2018      2020    125                      "s1, s3"
        2015      2017    25                       s1
        2018      2019    -                        s1
        2018      2019    -                        s1
        2018      2019    25                       s1
        expect marts.balance_change_by_flow where to_year = 2017 and from_year = 2016
        imports_contribution_pct
        -100
    """)


def test_a_flow_of_two_publishers_is_that_of_the_one_that_has_both_years(bench: Bench) -> None:
    """Comparisons of another pair or of other years are those of nobody here."""
    bench.check("""
        given marts.trade_balance_annual partner_code=BBB exports_source=e imports_source=i snapshot_ids=s
        reporter_code year exports_usd imports_usd is_complete
        AAA           2018 21          10          true
        AAA           2019 29          11          true
        CCC           2018 21          10          true
        CCC           2019 29          11          true
        DDD           2018 21          10          true
        DDD           2019 29          11          true
        EEE           2018 21          10          true
        EEE           2019 29          11          true
        FFF           2018 21          10          true
        FFF           2019 29          11          true
        GGG           2018 21          10          true
        GGG           2019 29          11          true
        given core.goods_trade_comparisons from_source=x to_source=y snapshot_ids=t
        reporter_code partner_code flow   from_year to_year from_usd to_usd source
        CCC           BBB          export 2018      2019    20       26     imf
        DDD           BBB          import 2018      2019    30       37     wits
        EEE           BBB          export 2018      2019    20       26     imf
        EEE           BBB          import 2018      2019    12       15     wits
        FFF           BBB          export 2018      2019    20       26     imf
        FFF           BBB          import 2018      2019    -        -      -
        GGG           BBB          export 2018      2019    -        -      -
        GGG           BBB          import 2018      2019    30       37     wits
        CCC           ZZZ          export 2018      2019    1        2      no
        CCC           BBB          export 2017      2019    1        2      no
        CCC           BBB          export 2018      2020    1        2      no
        CCC           ZZZ          import 2018      2019    1        2      no
        CCC           BBB          import 2017      2019    1        2      no
        CCC           BBB          import 2018      2020    1        2      no
        expect marts.balance_change_by_flow
        reporter_code change_status       exports_source imports_source balance_from_usd balance_to_usd snapshot_ids
        AAA           chosen              e              i              11               18             s
        CCC           common_publisher    imf            i              10               15             "s, t"
        DDD           common_publisher    e              wits           -9               -8             "s, t"
        EEE           common_publisher    imf            wits           8                11             "s, t"
        FFF           no_common_publisher "x / y"        "x / y"        11               18             "s, t"
        GGG           no_common_publisher "x / y"        "x / y"        11               18             "s, t"
        expect marts.balance_change_by_flow
        reporter_code exports_change_usd imports_change_usd balance_change_usd
        AAA           8                  1                  7
        CCC           6                  1                  5
        DDD           8                  7                  1
        EEE           6                  3                  3
        FFF           -                  -                  -
        GGG           -                  -                  -
    """)


def test_products_and_what_is_left_of_each_flow_make_the_change(bench: Bench) -> None:
    """Without the year between, the last is compared with the first; a pair without imports has no balance."""
    bench.check("""
        given marts.product_trade_annual classification=HS2012 level=2 is_complete_detail=true source=x snapshot_ids=s
        reporter_code partner_code year flow   product_code value_usd is_residual reported_usd total_usd
        AAA           BBB          2018 export 01           60        false       100          -
        AAA           BBB          2018 export 02           30        false       100          -
        AAA           BBB          2018 export RESIDUAL     10        true        100          99
        AAA           BBB          2018 import 01           45        false       -            50
        AAA           BBB          2018 import RESIDUAL     5         true        -            50
        AAA           BBB          2019 export 01           80        false       130          -
        AAA           BBB          2019 export 02           45        false       130          -
        AAA           BBB          2019 export RESIDUAL     5         true        130          -
        AAA           BBB          2019 import 01           48        false       60           -
        AAA           BBB          2019 import RESIDUAL     12        true        60           -
        AAA           BBB          2021 export 01           70        false       -            90
        AAA           BBB          2021 export 03           15        false       -            90
        AAA           BBB          2021 export RESIDUAL     5         true        -            90
        AAA           BBB          2021 import 01           72        false       80           -
        AAA           BBB          2021 import RESIDUAL     8         true        80           -
        AAA           DDD          2018 export 01           9         false       10           -
        AAA           DDD          2018 export RESIDUAL     1         true        10           -
        AAA           DDD          2018 import RESIDUAL     5         true        5            -
        AAA           DDD          2019 export 01           9.02      false       10.02        -
        AAA           DDD          2019 export RESIDUAL     1         true        10.02        -
        AAA           DDD          2019 import RESIDUAL     5.01      true        5.01         -
        CCC           BBB          2018 export RESIDUAL     3         true        3            -
        CCC           BBB          2018 import 01           4         false       4            -
        CCC           BBB          2018 import RESIDUAL     0         true        4            -
        CCC           BBB          2019 export RESIDUAL     3         true        3            -
        CCC           BBB          2019 import 01           4         false       4            -
        CCC           BBB          2019 import RESIDUAL     0         true        4            -
        FFF           BBB          2018 export 01           5         false       15           -
        FFF           BBB          2018 export 02           5         false       15           -
        FFF           BBB          2018 export RESIDUAL     5         true        15           -
        FFF           BBB          2018 import 01           5         false       5            -
        FFF           BBB          2018 import RESIDUAL     0         true        5            -
        FFF           BBB          2019 export 01           7         false       19           -
        FFF           BBB          2019 export 02           7         false       19           -
        FFF           BBB          2019 export RESIDUAL     5         true        19           -
        FFF           BBB          2019 import 01           7         false       7            -
        FFF           BBB          2019 import RESIDUAL     0         true        7            -
        GGG           BBB          2018 export 01           5         false       15           -
        GGG           BBB          2018 export RESIDUAL     10        true        15           -
        GGG           BBB          2018 import RESIDUAL     15        true        15           -
        KKK           BBB          2018 import 01           4         false       4            -
        KKK           BBB          2018 import RESIDUAL     0         true        4            -
        KKK           BBB          2025 import 01           4         false       4            -
        KKK           BBB          2025 import RESIDUAL     0         true        4            -
        AAA           KKK          2018 import 01           4         false       4            -
        AAA           KKK          2018 import RESIDUAL     0         true        4            -
        AAA           KKK          2025 import 01           4         false       4            -
        AAA           KKK          2025 import RESIDUAL     0         true        4            -
        KKK           BBB          2018 export RESIDUAL     4         true        4            -
        KKK           BBB          2025 export RESIDUAL     4         true        4            -
        AAA           KKK          2018 export RESIDUAL     4         true        4            -
        AAA           KKK          2025 export RESIDUAL     4         true        4            -
        EEE           BBB          2018 export 01           9         false       10           -
        EEE           BBB          2018 export RESIDUAL     1         true        10           -
        EEE           BBB          2019 export 01           9         false       10           -
        EEE           BBB          2019 export RESIDUAL     1         true        10           -
        given core.products
        classification product_code label
        HS2012         01           Animals
        SITC3          01           Meat
        given marts.trade_balance_annual reporter_code=AAA partner_code=BBB is_complete=true
        year exports_usd imports_usd
        2018 100         50
        2019 130         60
        given core.goods_trade_comparisons reporter_code=AAA partner_code=BBB from_year=2018 to_year=2019 snapshot_ids=t
        flow   from_usd to_usd source
        export 1        2      no
        import 1        2      no
        expect marts.balance_change_by_product where reporter_code = 'AAA' and partner_code != 'KKK'
        partner_code from_year to_year flow   product_code from_usd to_usd contribution_usd contribution_pct
        BBB          2018      2019    export 01           60       80     20               100
        BBB          2018      2019    export 02           30       45     15               75
        BBB          2018      2019    export RESIDUAL     10       5      -5               -25
        BBB          2018      2019    import 01           45       48     -3               -15
        BBB          2018      2019    import RESIDUAL     5        12     -7               -35
        BBB          2018      2021    export 01           60       70     10               -25
        BBB          2018      2021    export 02           30       0      -30              75
        BBB          2018      2021    export 03           0        15     15               -37.5
        BBB          2018      2021    export RESIDUAL     10       5      -5               12.5
        BBB          2018      2021    import 01           45       72     -27              67.5
        BBB          2018      2021    import RESIDUAL     5        8      -3               7.5
        DDD          2018      2019    export 01           9        9.02   0.02             200
        DDD          2018      2019    export RESIDUAL     1        1      0                0
        DDD          2018      2019    import RESIDUAL     5        5.01   -0.01            -100
        expect marts.balance_change_by_product where contribution_rank is not null
        partner_code to_year flow   product_code contribution_rank
        BBB          2019    export 01           1
        BBB          2019    export 02           2
        BBB          2019    import 01           3
        BBB          2021    export 01           4
        BBB          2021    export 02           1
        BBB          2021    export 03           3
        BBB          2021    import 01           2
        DDD          2019    export 01           1
        BBB          2019    import 01           1
        BBB          2019    export 01           1
        BBB          2019    import 01           2
        BBB          2019    export 02           3
        BBB          2025    import 01           1
        KKK          2025    import 01           1
        expect distinct marts.balance_change_by_product
        reporter_code partner_code to_year balance_from_usd balance_to_usd balance_change_usd snapshot_ids
        AAA           BBB          2019    50               70             20                 s
        AAA           BBB          2021    50               10             -40                s
        AAA           DDD          2019    5                5.01           0.01               s
        CCC           BBB          2019    -1               -1             0                  s
        FFF           BBB          2019    10               12             2                  s
        KKK           BBB          2025    0                0              0                  s
        AAA           KKK          2025    0                0              0                  s
        expect marts.balance_change_by_product where to_year = 2021 or reporter_code = 'CCC'
        reporter_code product_code flow   product                            change         contribution_pct is_residual
        AAA           01           export Animals                            exports_gained -25              false
        AAA           02           export -                                  exports_lost   75               false
        AAA           03           export -                                  exports_gained -37.5            false
        AAA           01           import Animals                            imports_gained 67.5             false
        AAA           RESIDUAL     export "What the products do not explain" exports_lost   12.5             true
        AAA           RESIDUAL     import "What the products do not explain" imports_gained 7.5              true
        CCC           01           import Animals                            none           -                false
        CCC           RESIDUAL     export "What the products do not explain" none           -                true
        CCC           RESIDUAL     import "What the products do not explain" none           -                true
    """)


def test_some_products_are_set_against_the_publisher_of_both_years(bench: Bench) -> None:
    """What only one of the years lists is in the residual; an incomplete balance explains nothing."""
    bench.check("""
        given marts.product_trade_annual partner_code=BBB status=incomplete is_complete_detail=false
        reporter_code year flow   product_code value_usd classification level snapshot_ids origin          is_residual
        AAA           2018 export 8542         20        HS2017         4     s            -               false
        AAA           2018 import 8542         5         HS2017         4     s            -               false
        AAA           2019 export 8542         26        HS2017         4     s            -               false
        AAA           2019 import 8542         4         HS2017         4     s            -               false
        AAA           2019 export 8703         9         HS2017         4     s            -               false
        CCC           2018 export 8542         20        HS2017         4     s            "twelve months" false
        CCC           2019 export 8542         26        HS2017         4     s            "twelve months" false
        DDD           2018 export 8542         20        HS2017         4     s            -               false
        DDD           2019 export 8542         26        HS2017         4     s            -               false
        EEE           2018 export 8542         20        HS2017         4     s            -               false
        EEE           2019 export 8542         26        HS2017         4     s            -               false
        FFF           2018 export 854231       20        HS2012         6     s            -               false
        FFF           2018 export 854239       20        HS2012         6     s            -               false
        FFF           2018 export 854290       20        HS2012         6     s            -               false
        FFF           2019 export 854231       26        HS2017         6     s            -               false
        FFF           2019 export 854239       26        HS2017         6     s            -               false
        FFF           2019 export 854290       26        HS2017         6     s            -               false
        GGG           2018 export 8542         20        HS2017         4     s            -               false
        GGG           2019 export 8542         26        HS2017         4     s            -               false
        HHH           2018 export 7            20        SITC3          1     s            -               false
        HHH           2019 export 7            26        SITC3          1     s            -               false
        III           2018 export 8542         20        HS2017         4     s            codes           false
        III           2019 export 8542         26        HS2017         4     s            codes           false
        AAA           2018 export RESIDUAL     1         HS2017         4     s            -               true
        AAA           2018 import RESIDUAL     1         HS2017         4     s            -               true
        AAA           2019 export RESIDUAL     1         HS2017         4     s            -               true
        AAA           2019 import RESIDUAL     1         HS2017         4     s            -               true
        given marts.trade_balance_annual snapshot_ids=b
        partner_code reporter_code year exports_usd imports_usd is_complete
        BBB          AAA           2018 100         50          true
        BBB          AAA           2019 120         60          true
        BBB          CCC           2018 100         50          true
        BBB          CCC           2019 120         60          true
        BBB          DDD           2018 100         50          true
        BBB          DDD           2019 120         60          true
        BBB          EEE           2018 100         50          true
        BBB          EEE           2019 120         60          true
        BBB          FFF           2018 100         50          true
        BBB          FFF           2019 120         60          true
        BBB          GGG           2018 100         50          true
        BBB          GGG           2019 120         -           false
        BBB          HHH           2018 100         50          true
        BBB          HHH           2019 120         60          true
        BBB          III           2018 100         50          true
        BBB          III           2019 120         60          true
        ZZZ          CCC           2018 700         900         true
        ZZZ          CCC           2019 900         700         true
        given core.goods_trade_comparisons snapshot_ids=t
        reporter_code partner_code flow   from_year to_year from_usd to_usd source
        AAA           BBB          export 2018      2019    101      119    imf
        AAA           BBB          import 2018      2019    52       58     imf
        DDD           BBB          export 2018      2019    -        -      -
        EEE           BBB          import 2018      2019    -        -      -
        AAA           ZZZ          export 2018      2019    1        2      no
        AAA           BBB          export 2017      2019    1        2      no
        AAA           BBB          export 2018      2020    1        2      no
        AAA           ZZZ          import 2018      2019    1        2      no
        AAA           BBB          import 2017      2019    1        2      no
        AAA           BBB          import 2018      2020    1        2      no
        given core.product_correlations
        product_code first_edition last_edition
        854231       HS2007        HS2022
        854239       HS2017        HS2022
        854290       HS2002        HS2012
        expect marts.balance_change_by_product
        reporter_code flow   product_code from_usd to_usd contribution_usd balance_change_usd snapshot_ids
        AAA           export 8542         20       26     6                12                 "b, s, t"
        AAA           export RESIDUAL     81       93     12               12                 "b, s, t"
        AAA           import 8542         5        4      1                12                 "b, s, t"
        AAA           import RESIDUAL     47       54     -7               12                 "b, s, t"
        CCC           export 8542         20       26     6                10                 "b, s"
        CCC           export RESIDUAL     80       94     14               10                 "b, s"
        CCC           import RESIDUAL     50       60     -10              10                 "b, s"
        FFF           export 854231       20       26     6                10                 "b, s"
        FFF           export 854239       20       26     6                10                 "b, s"
        FFF           export 854290       20       26     6                10                 "b, s"
        FFF           export RESIDUAL     40       42     2                10                 "b, s"
        FFF           import RESIDUAL     50       60     -10              10                 "b, s"
        III           export 8542         20       26     6                10                 "b, s"
        III           export RESIDUAL     80       94     14               10                 "b, s"
        III           import RESIDUAL     50       60     -10              10                 "b, s"
        expect marts.balance_change_by_product where product_code != 'RESIDUAL'
        reporter_code flow   product_code left(comparison,30)
        AAA           export 8542         "the same edition, HS2017"
        AAA           import 8542         "the same edition, HS2017"
        CCC           export 8542         "the same edition, HS2017"
        FFF           export 854231       "HS2012 against HS2017: the sam"
        FFF           export 854239       "HS2012 against HS2017: the cod"
        FFF           export 854290       "HS2012 against HS2017: the cod"
        III           export 8542         "HS2017 made of codes"
        expect distinct marts.balance_change_by_product where product_code = 'RESIDUAL'
        comparison
        "what is left of all goods"
    """)


def test_levels_and_classifications_do_not_mix(bench: Bench) -> None:
    """Of three years each is compared with the one before, and the last with the first."""
    products = {"HS2012 2 01": (10, 20, 40), "HS2012 4 0101": (11, 23, 47), "SITC3 2 01": (12, 26, 54)}
    lines = ["classification level product_code year flow value_usd is_residual reported_usd"]
    for product, values in products.items():
        rest = product.rsplit(" ", 1)[0] + " RESIDUAL"
        for year, value, left in zip((2018, 2019, 2020), values, (1, 3, 6), strict=True):
            lines += [f"{product} {year} export {value} false -", f"{rest} {year} export {left} true {value + left}"]
            lines += [f"{rest} {year} import 5 true 5"]
    bench.given(
        "marts.product_trade_annual",
        "\n".join(lines),
        reporter_code="AAA",
        partner_code="BBB",
        is_complete_detail="true",
        snapshot_ids="s",
    )
    bench.check("""
        expect marts.balance_change_by_product where flow = 'export'
        classification level product_code from_year to_year from_usd to_usd balance_change_usd
        HS2012         2     01           2018      2019    10       20     12
        HS2012         2     RESIDUAL     2018      2019    1        3      12
        HS2012         2     01           2019      2020    20       40     23
        HS2012         2     RESIDUAL     2019      2020    3        6      23
        HS2012         2     01           2018      2020    10       40     35
        HS2012         2     RESIDUAL     2018      2020    1        6      35
        HS2012         4     0101         2018      2019    11       23     14
        HS2012         4     RESIDUAL     2018      2019    1        3      14
        HS2012         4     0101         2019      2020    23       47     27
        HS2012         4     RESIDUAL     2019      2020    3        6      27
        HS2012         4     0101         2018      2020    11       47     41
        HS2012         4     RESIDUAL     2018      2020    1        6      41
        SITC3          2     01           2018      2019    12       26     16
        SITC3          2     RESIDUAL     2018      2019    1        3      16
        SITC3          2     01           2019      2020    26       54     31
        SITC3          2     RESIDUAL     2019      2020    3        6      31
        SITC3          2     01           2018      2020    12       54     47
        SITC3          2     RESIDUAL     2018      2020    1        6      47
        expect marts.balance_change_by_product where flow = 'import'
        count(*) min(to_usd) max(from_usd)
        9        5           5
    """)


def test_years_of_two_publishers_are_compared_in_the_first_that_has_both(bench: Bench) -> None:
    """Of the pair and flow itself: the others differ from the first in one respect."""
    bench.check("""
        given core.goods_trade_annual_candidates snapshot_ids=s
        reporter_code partner_code flow period_start value_usd publisher_code choice
        AAA BBB export 2018-01-01 10 x 1
        AAA BBB export 2019-01-01 20 y 1
        AAA BBB export 2020-01-01 30 y 1
        AAA BBB export 2018-01-01 11 z 2
        AAA BBB export 2018-01-01 99 z 4
        AAA BBB export 2019-01-01 21 z 2
        AAA BBB export 2020-01-01 31 z 2
        AAA BBB export 2018-01-01 12 u 3
        AAA BBB export 2019-01-01 22 u 3
        CCC BBB export 2018-01-01 40 x 1
        CCC BBB export 2019-01-01 50 y 1
        CCC BBB export 2018-01-01 41 z 2
        CCC BBB export 2019-01-01 51 z 2
        AAA CCC export 2018-01-01 60 x 1
        AAA CCC export 2019-01-01 70 y 1
        AAA CCC export 2018-01-01 61 z 2
        AAA CCC export 2019-01-01 71 z 2
        AAA BBB import 2018-01-01 80 x 1
        AAA BBB import 2019-01-01 90 y 1
        AAA BBB import 2018-01-01 81 z 2
        AAA BBB import 2019-01-01 91 z 2
        # Nobody has both.
        DDD BBB export 2018-01-01 1  x 1
        DDD BBB export 2019-01-01 2  y 1
        # Of one year there is nothing to compare.
        EEE BBB export 2019-01-01 1  x 1
        EEE BBB export 2019-01-01 2  y 1
        expect core.goods_trade_comparisons
        reporter_code partner_code flow from_year to_year from_source to_source from_usd to_usd source
        AAA BBB export 2018 2019 x y 11 21 z
        AAA BBB export 2018 2020 x y 11 31 z
        CCC BBB export 2018 2019 x y 41 51 z
        AAA CCC export 2018 2019 x y 61 71 z
        AAA BBB import 2018 2019 x y 81 91 z
        DDD BBB export 2018 2019 x y -  -  -
    """)
