/*
what: >-
  The gap between an importer's figure and the exporter's figure for the same trade, by year, and its known parts. These
  are freight and insurance, if the importer's figure is available with and without them; and goods that pass through an
  entrepot, as an upper bound. The unexplained remainder is between the gap and the gap less the whole bound.
subject: mirror
grain: [importer_code, exporter_code, year]
required: [imports_usd, imports_valuation, exports_usd, exports_valuation, gap_usd, snapshot_ids]
example: |-
  select year, gap_with_freight_usd, freight_usd, gap_usd, entrepot_bound_usd, remainder_usd
  from marts.mirror_gap_annual
  where importer_code = 'USA' and exporter_code = 'CHN'
  order by year
columns:
- importer_code: code | The economy that buys (ISO 3166 alpha-3).
- exporter_code: code | The economy that sells (ISO 3166 alpha-3).
- year
- imports_usd: US$ | The importer's figure, at its declared valuation.
- imports_valuation: code | CIF, or CUSTOMS without freight and insurance.
- imports_cif_usd: US$ | The importer's figure with freight and insurance; null if it is not available.
- exports_usd: US$ | The exporter's figure.
- exports_valuation: code | FOB.
- gap_usd: US$ | imports_usd less exports_usd.
- gap_with_freight_usd: US$ | imports_cif_usd less exports_usd; the gap as the United Nations' figures show it.
- freight_usd: >-
    US$ | imports_cif_usd less imports_usd, if the declared valuation leaves freight and insurance out: the part of
    gap_with_freight_usd that is valuation. Null if they cannot be told apart.
- entrepot_code: code | The entrepot, the economy that the pair's goods pass through (ISO 3166 alpha-3).
- entrepot_bound_usd: >-
    US$ | The most that the entrepot can explain of gap_usd: goods of the exporter that it sent on to the importer, or,
    without them, all that it reports to have exported to the importer, or imported from the exporter.
- entrepot_basis: code | re_exports if the entrepot's re-exports are available, all_trade if not; null without a bound.
- remainder_usd: >-
    US$ | What entrepot_bound_usd leaves of gap_usd, the other end of the remainder: the whole gap if the exporter's
    figure is the larger; null without a bound.
- snapshot_ids
*/
with gaps as (
    select
        mirror.reporter_code as importer_code,
        mirror.partner_code as exporter_code,
        mirror.year,
        mirror.reported_usd as imports_usd,
        mirror.reported_valuation as imports_valuation,
        mirror.mirror_usd as exports_usd,
        mirror.mirror_valuation as exports_valuation,
        mirror.gap_usd,
        case mirror.reported_valuation when 'CIF' then mirror.reported_usd else others.imports_usd end
            as imports_cif_usd,
        coalesce(by_exporter.entrepot_code, by_importer.entrepot_code) as entrepot_code,
        by_exporter.entrepot_code is not null as is_exporters,
        list_sort(list_distinct(flatten([mirror.snapshot_ids, others.snapshot_ids]))) as snapshot_ids
    from marts.mirror_trade_annual as mirror
    left join marts.other_valuation_annual as others using (reporter_code, partner_code, year)
    left join core.entrepots as by_exporter
        on mirror.partner_code = by_exporter.partner_code and mirror.reporter_code != by_exporter.entrepot_code
    left join core.entrepots as by_importer
        on mirror.reporter_code = by_importer.partner_code and mirror.partner_code != by_importer.entrepot_code
    where mirror.flow = 'import'
),

bounds as (
    select
        gaps.*,
        coalesce(passed.value_usd, through.value_usd) as entrepot_bound_usd,
        case when passed.value_usd is not null then 're_exports' when through.value_usd is not null then 'all_trade' end
            as entrepot_basis,
        case when passed.value_usd is not null then [passed.snapshot_id] else through.snapshot_ids end as bound_ids
    from gaps
    left join core.re_exports_annual as passed
        on
            gaps.entrepot_code = passed.entrepot_code
            and gaps.exporter_code = passed.origin_code
            and gaps.importer_code = passed.destination_code
            and gaps.year = passed.year
    left join core.goods_trade_annual as through
        on
            gaps.entrepot_code = through.reporter_code
            and gaps.year = year(through.period_start)
            and through.partner_code = case when gaps.is_exporters then gaps.importer_code else gaps.exporter_code end
            and through.flow = case when gaps.is_exporters then 'export' else 'import' end
)

select
    bounds.* exclude (snapshot_ids),
    imports_cif_usd - exports_usd as gap_with_freight_usd,
    case when imports_valuation != 'CIF' then imports_cif_usd - imports_usd end as freight_usd,
    -- An entrepot can only explain what the importer counts beyond the exporter.
    case when entrepot_bound_usd is not null then gap_usd - least(greatest(gap_usd, 0), entrepot_bound_usd) end
        as remainder_usd,
    list_sort(list_distinct(flatten([snapshot_ids, bound_ids]))) as snapshot_ids
from bounds
