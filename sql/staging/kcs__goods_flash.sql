/*
what: >-
  Korea's goods trade from the first of a month to the 10th, the 20th and its end, as Korea Customs announces it for ten
  partners and the world: provisional, each figure with the days before it. The source counts in thousands of US$.
grain: [reporter_code, partner_code, flow, period_start, period_end, snapshot_id]
required: [valuation, observation_status]
columns:
- source, dataset, partner_label, reporter_code, partner_code (or the world), flow, period_start (month)
- period_end (counted)
- value_usd: US$ | Value of the goods from the first day to the last; null if it was withdrawn.
- valuation
- observation_status: code | SDMX status, P provisional or M missing.
- snapshot_id, row_number
*/
select
    'kcs' as source,
    'goods_flash' as dataset,
    flash.partner as partner_label,
    'KOR' as reporter_code,
    coalesce(partners.economy_code, flash.partner) as partner_code,
    case flash.flow when '수출' then 'export' when '수입' then 'import' end as flow,
    cast(flash.month || '-01' as date) as period_start,
    cast(flash.month || '-' || flash.last_day as date) as period_end,
    round(cast(flash.value_kusd as double) * 1e3, 0) as value_usd,
    case flash.flow when '수출' then 'FOB' else 'CIF' end as valuation,
    case when flash.value_kusd is null then 'M' else 'P' end as observation_status,
    flash.snapshot_id,
    flash.row_number
from raw.kcs__goods_flash as flash
left join staging.economy_codes as partners
    on partners.scheme = 'iso2' and flash.partner = partners.code
-- The European Union is a group whose members are partners, too; the world has no code of two letters.
where flash.partner != 'EU'
