/*
what: >-
  One flow as two economies report it: the reporter's figure and its partner's figure for the same goods, for every year
  with both. Exports are FOB and imports CIF, so a gap of some per cent is not an error; US imports are at customs
  value, without freight. marts.mirror_gap_annual takes the gap apart.
subject: mirror
grain: [reporter_code, partner_code, year, flow]
required: [reported_usd, mirror_usd, reported_source, mirror_source, snapshot_ids]
columns:
- reporter_code: code | The economy whose flow it is (ISO 3166 alpha-3).
- partner_code, year, flow
- reported_usd: US$ | The reporter's figure.
- mirror_usd: >-
    US$ | The partner's figure for the same flow (its imports for the reporter's exports, and the reverse).
- gap_usd: US$ | reported_usd less mirror_usd.
- gap_ratio: ratio | reported_usd divided by mirror_usd; 1 is agreement.
- relative_gap_pct: percent | gap_usd as a share of mirror_usd.
- cif_fob_ratio: >-
    ratio | The importer's figure (CIF) divided by the exporter's (FOB), whichever is the reporter; null if the
    importer's figure is not available with freight (marts.other_valuation_annual).
- cif_fob_reading: >-
    code | within if cif_fob_ratio lies between 1 and 1.2, so that freight and insurance may explain the gap; below, or
    above. The IMF long assumed 1.10, and 1.06 since 2018 (Marini, Dippelsman and Stanger, WP/18/16).
- cumulated_gap_usd, gap_share_pct
- reported_valuation: code | FOB, CIF, or CUSTOMS for US imports.
- mirror_valuation: code | CIF, CUSTOMS or FOB.
- reported_source, mirror_source, snapshot_ids
*/
with figures as (
    select
        reported.reporter_code,
        reported.partner_code,
        cast(year(reported.period_start) as integer) as year,
        reported.flow,
        reported.value_usd as reported_usd,
        mirror.value_usd as mirror_usd,
        reported.valuation as reported_valuation,
        mirror.valuation as mirror_valuation,
        reported.source as reported_source,
        mirror.source as mirror_source,
        case reported.flow when 'export' then reported.value_usd else mirror.value_usd end as fob_usd,
        case
            when 'CIF' not in (reported.valuation, mirror.valuation) then others.imports_usd
            when reported.flow = 'export' then mirror.value_usd
            else reported.value_usd
        end as cif_usd,
        list_sort(
            list_distinct(
                flatten(
                    [
                        reported.snapshot_ids, mirror.snapshot_ids,
                        case when 'CIF' not in (reported.valuation, mirror.valuation) then others.snapshot_ids end
                    ]
                )
            )
        ) as snapshot_ids
    from core.goods_trade_annual as reported
    inner join core.goods_trade_annual as mirror
        on
            reported.reporter_code = mirror.partner_code
            and reported.partner_code = mirror.reporter_code
            and reported.flow != mirror.flow
            and reported.period_start = mirror.period_start
    -- The importer's figure with freight, where the safe tables have it without.
    left join marts.other_valuation_annual as others
        on
            others.reporter_code
            = case reported.flow when 'import' then reported.reporter_code else mirror.reporter_code end
            and others.partner_code
            = case reported.flow when 'import' then reported.partner_code else mirror.partner_code end
            and others.year = year(reported.period_start)
            and others.valuation = 'FOB-CIF'
)

select
    *,
    reported_usd - mirror_usd as gap_usd,
    reported_usd / nullif(mirror_usd, 0) as gap_ratio,
    100 * (reported_usd - mirror_usd) / nullif(mirror_usd, 0) as relative_gap_pct,
    cif_usd / nullif(fob_usd, 0) as cif_fob_ratio,
    case
        when cif_usd is null or cif_usd = 0 or fob_usd = 0 then null
        when cif_usd < fob_usd then 'below'
        when cif_usd > 1.2 * fob_usd then 'above'
        else 'within'
    end as cif_fob_reading,
    -- Sums are of whole tenths of a cent, so they do not depend on the order of adding.
    sum(round(1000 * (reported_usd - mirror_usd))) over (
        partition by reporter_code, partner_code, flow
        order by year
    ) / 1000 as cumulated_gap_usd,
    100 * abs(round(1000 * (reported_usd - mirror_usd))) / nullif(
        sum(abs(round(1000 * (reported_usd - mirror_usd)))) over (partition by reporter_code, partner_code, flow), 0
    ) as gap_share_pct
from figures
