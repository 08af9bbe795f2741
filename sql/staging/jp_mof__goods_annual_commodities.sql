/*
what: >-
  Japan's goods trade by partner and principal commodity in yen, from January to a month, as the Ministry of Finance
  prints it each month. Only December's print is a year; before it an open year is a year to date. The nine sections
  (level 1) add up to all goods; the headings (levels 3 and 5) are parts of them. Commodity codes are ours, since the
  table prints names alone.
grain: [partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_national_currency]
required: [value_ytd_jpy, valuation, level]
columns:
- source, dataset, reporter_code, partner_code (or the world), flow, classification, level, product_code
- period_start (month), period_end (month), currency_code
- value_ytd_jpy: JPY | Value of the goods from January to the month.
- rate_basis: code | year_average, since no month is printed or converted.
- valuation, coverage, snapshot_id, row_number
*/
select
    printed.partner_code,
    printed.flow,
    printed.snapshot_id,
    printed.row_number,
    codes.classification,
    codes.product_code,
    products.level,
    'jp_mof' as source,
    'goods_annual_commodities' as dataset,
    'JPN' as reporter_code,
    cast(printed.month || '-01' as date) as period_start,
    last_day(cast(printed.month || '-01' as date)) as period_end,
    'JPY' as currency_code,
    'year_average' as rate_basis,
    1000 * cast(printed.value_kjpy as double) as value_ytd_jpy,
    case printed.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when products.level < 2 then 'complete' else 'selected' end as coverage
from raw.jp_mof__goods_annual_commodities as printed
left join reference.commodity_codes as codes on codes.source = 'jp_mof' and printed.commodity = codes.commodity
left join reference.products as products using (classification, product_code)
