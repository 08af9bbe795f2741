/*
what: >-
  Trade in services by reporter, partner, item and year from BaTIS's bulk file, a row for each of its three values,
  which are never mixed; million US$ become US$ here.
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis, snapshot_id]
sliced_by: year = try_cast(year as integer)
feeds: [core.services_trade_observations]
columns:
- source, dataset, reporter_code, reporter_label, partner_code (or the world in services), partner_label, flow
- service_item_code (EBOPS), year (calendar), value_usd (of services or withdrawn)
- value_basis: code | reported by the economy, estimated (completed, adjusted), or balanced with its partner's.
- edition (re-estimated), snapshot_id (of the row), row_number (in the snapshot)
*/
-- The OECD writes ISO 3166 codes, except for groups; of these only the world is used.
with codes as (
    select
        code,
        economy_code,
        exclusion_reason
    from staging.economy_codes
    where scheme = 'oecd_code'
    union all
    select
        iso.code,
        iso.economy_code,
        iso.exclusion_reason
    from staging.economy_codes as iso
    left join staging.economy_codes as own on own.scheme = 'oecd_code' and iso.code = own.code
    where iso.scheme = 'iso3' and own.code is null
),

figures as (
    select
        *,
        'reported' as value_basis,
        reported_musd as value_musd
    from raw.oecd_wto__batis
    union all
    select
        *,
        'estimated' as value_basis,
        final_musd as value_musd
    from raw.oecd_wto__batis
    union all
    select
        *,
        'balanced' as value_basis,
        balanced_musd as value_musd
    from raw.oecd_wto__batis
),

-- A null after a value is a withdrawn figure; a null without an earlier value is not a figure.
valued as (
    select
        figures.*,
        snapshots.edition
    from figures
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        figures.value_musd is not null
        or lag(figures.value_musd) over (
            partition by
                figures.reporter_code, figures.partner_code, figures.flow, figures.item_code, figures.year,
                figures.value_basis
            order by snapshots.known_from, snapshots.retrieved_at, figures.snapshot_id
        ) is not null
)

select
    'oecd_wto' as source,
    'batis' as dataset,
    reporters.economy_code as reporter_code,
    figures.reporter_code as reporter_label,
    partners.economy_code as partner_code,
    figures.partner_code as partner_label,
    case figures.flow when 'EXP' then 'export' when 'IMP' then 'import' end as flow,
    figures.item_code as service_item_code,
    cast(figures.year as integer) as year,
    round(cast(figures.value_musd as double) * 1000000, 2) as value_usd,
    figures.value_basis,
    figures.edition,
    figures.snapshot_id,
    figures.row_number
from valued as figures
left join codes as reporters on figures.reporter_code = reporters.code
left join codes as partners on figures.partner_code = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
