/*
what: >-
  Goods trade of two economies by year, as each of them reports it, for every year in which both report both flows. All
  columns are named from the reporter's view: exports_mirror_usd is the imports from the reporter that its partner
  reports. Exports are FOB and imports CIF (US imports at customs value), so a gap of some per cent is not an error.
  Each pair has two rows a year, one with either economy as the reporter. Where the partner's figures are missing and
  its customs is quoted with both flows, the row has the printed figures (mirror_basis), and the pair has only this row.
grain: [reporter_code, partner_code, year]
example: |-
  select year, balance_reported_usd, balance_mirror_usd, signs_agree
  from both_sides
  where reporter = 'South Korea' and partner = 'China'
  order by year desc
columns:
- reporter_code (of a balance), reporter, partner_code, partner, year, exports_reported_usd, exports_mirror_usd
- imports_reported_usd, imports_mirror_usd, balance_reported_usd, balance_mirror_usd
- balance_reported_sign: >-
    code | surplus, deficit or balanced by the reporter's figures; null where they fail the coverage check.
- balance_mirror_sign: >-
    code | surplus, deficit or balanced for the reporter by the partner's figures; null where they fail the coverage
    check.
- signs_agree, gap_usd
- mirror_basis: code | held if the partner's figures are available; printed if they are only quoted.
- printed_by: text | Who printed the quoted figures.
- observation_status (of two sides), snapshot_ids (in meta.snapshots)
*/
with held as (
    select
        sides.* exclude (relative_gap_pct, cumulated_gap_usd, gap_share_pct),
        exports.reported_usd as exports_reported_usd,
        exports.mirror_usd as exports_mirror_usd,
        imports.reported_usd as imports_reported_usd,
        imports.mirror_usd as imports_mirror_usd,
        'held' as mirror_basis,
        cast(null as varchar) as printed_by
    from marts.mirror_balance_annual as sides
    left join marts.mirror_trade_annual as exports
        on
            exports.flow = 'export'
            and sides.reporter_code = exports.reporter_code
            and sides.partner_code = exports.partner_code
            and sides.year = exports.year
    left join marts.mirror_trade_annual as imports
        on
            imports.flow = 'import'
            and sides.reporter_code = imports.reporter_code
            and sides.partner_code = imports.partner_code
            and sides.year = imports.year
),

-- The quoted figures of the partner's customs: its imports are the reporter's exports.
printed as (
    select
        own.reporter_code,
        own.partner_code,
        own.year,
        own.exports_usd as exports_reported_usd,
        imports.value as exports_mirror_usd,
        own.imports_usd as imports_reported_usd,
        exports.value as imports_mirror_usd,
        own.balance_usd as balance_reported_usd,
        round(imports.value - exports.value, 0) as balance_mirror_usd,
        own.balance_sign as balance_reported_sign,
        case sign(imports.value - exports.value) when 1 then 'surplus' when -1 then 'deficit' else 'balanced' end
            as balance_mirror_sign,
        'printed' as mirror_basis,
        exports.publisher as printed_by,
        own.observation_status,
        list_sort(list_distinct(list_concat(own.snapshot_ids, [exports.snapshot_id]))) as snapshot_ids
    from marts.trade_balance_annual as own
    inner join core.published_figures as exports
        on
            exports.basis = 'customs' and exports.unit = 'USD' and exports.metric = 'goods_exports'
            and own.reporter_code = exports.partner_code
            and own.partner_code = exports.reporter_code
            and exports.period_start = make_date(own.year, 1, 1)
            and exports.period_end = make_date(own.year, 12, 31)
    inner join core.published_figures as imports
        on
            imports.metric = 'goods_imports'
            and exports.publisher = imports.publisher
            and exports.unit = imports.unit
            and exports.reporter_code = imports.reporter_code
            and exports.partner_code = imports.partner_code
            and exports.period_start = imports.period_start
            and exports.period_end = imports.period_end
    left join marts.trade_balance_annual as partners_own
        on
            own.reporter_code = partners_own.partner_code
            and own.partner_code = partners_own.reporter_code
            and own.year = partners_own.year
    where own.is_complete and not coalesce(partners_own.is_complete, false)
    qualify
        row_number() over (
            partition by own.reporter_code, own.partner_code, own.year
            order by exports.is_official desc, exports.published_on desc nulls last, exports.figure_id asc
        ) = 1
),

sides as (
    select * from held
    union all by name
    select
        *,
        balance_reported_usd - balance_mirror_usd as gap_usd,
        balance_reported_sign = balance_mirror_sign as signs_agree
    from printed
)

select
    sides.*,
    reporters.name as reporter,
    partners.name as partner
from sides
left join core.economies as reporters on sides.reporter_code = reporters.economy_code
left join core.economies as partners on sides.partner_code = partners.economy_code
order by sides.reporter_code, sides.partner_code, sides.year
