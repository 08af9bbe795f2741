/* Exports and imports in one row, for years and months with both; reads `goods`. */
select
    exports.reporter_code,
    exports.partner_code,
    exports.period,
    exports.value_usd as exports_usd,
    imports.value_usd as imports_usd,
    greatest(exports.observation_status, imports.observation_status) as observation_status,
    greatest(exports.known_from, imports.known_from) as known_from,
    exports.snapshot_ids || imports.snapshot_ids as snapshot_ids
from goods as exports
inner join goods as imports
    on
        exports.reporter_code = imports.reporter_code
        and exports.partner_code = imports.partner_code
        and exports.period = imports.period
where exports.flow = 'export' and imports.flow = 'import'
