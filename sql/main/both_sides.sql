/*
what: >-
  Goods trade of a pair by year as both sides tell it, side by side, for every year of which both report both flows. All
  is seen from the economy: exports_mirror_usd is what its partner says to have imported from it. Exports are FOB and
  imports CIF, so a gap of some per cent is no error. Each pair stands twice, once from either side.
grain: [reporter_code, partner_code, year]
example: |-
  select year, balance_reported_usd, balance_mirror_usd, signs_agree
  from both_sides
  where reporter = 'South Korea' and partner = 'China'
  order by year desc
columns:
  reporter_code: code | The economy whose balance it is (ISO 3166 alpha-3).
  reporter: text | The reporter's name in English.
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  partner: text | The partner's name in English.
  year: year | The year.
  exports_reported_usd: US$ | The reporter's exports, as it reports them, FOB.
  exports_mirror_usd: US$ | The partner's imports, CIF, as the partner reports them.
  imports_reported_usd: US$ | The reporter's imports, as it reports them, CIF.
  imports_mirror_usd: US$ | The partner's exports, FOB, as the partner reports them.
  balance_reported_usd: US$ | The reporter's exports less its imports, as it reports them.
  balance_mirror_usd: US$ | The partner's imports less its exports, as the partner reports them.
  balance_reported_sign: code | surplus, deficit or balanced, as the reporter tells it; null where figures are too thin.
  balance_mirror_sign: code | surplus, deficit or balanced for the reporter, as the partner tells it; null likewise.
  signs_agree: true/false | Both have the same sign; null unless both have one.
  gap_usd: US$ | balance_reported_usd less balance_mirror_usd.
  observation_status: code | SDMX status of the less certain side, A normal, E estimated or P provisional.
  snapshot_ids: list | The snapshots the figures stand in (meta.snapshots).
*/
select
    sides.* exclude (relative_gap_pct, cumulated_gap_usd, gap_share_pct),
    reporters.name as reporter,
    partners.name as partner,
    exports.reported_usd as exports_reported_usd,
    exports.mirror_usd as exports_mirror_usd,
    imports.reported_usd as imports_reported_usd,
    imports.mirror_usd as imports_mirror_usd
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
left join core.economies as reporters on sides.reporter_code = reporters.economy_code
left join core.economies as partners on sides.partner_code = partners.economy_code
order by sides.reporter_code, sides.partner_code, sides.year
