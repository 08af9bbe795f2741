/*
what: >-
  Visitors who arrived in Korea by nationality and month, as the Korea Tourism Organization counts them. It counts
  crews, whose number follows the ships that travellers of other nationalities take; they have no age.
grain: [economy_code, visitor_code, period_start, snapshot_id]
feeds: [core.visitor_arrivals_monthly]
columns:
- source, dataset
- nationality: text | The visitors' nationality as the source writes it.
- economy_code (of arrival), visitor_code, period_start (month), period_end (month), arrivals, traveller_arrivals
- snapshot_id, row_number
*/
select
    'kto' as source,
    'arrivals_monthly' as dataset,
    arrivals.* exclude (arrivals),
    'KOR' as economy_code,
    nationalities.economy_code as visitor_code,
    cast(arrivals.month || '-01' as date) as period_start,
    last_day(cast(arrivals.month || '-01' as date)) as period_end,
    cast(arrivals.arrivals as double) as arrivals,
    cast(arrivals.aged_0_20 as double) + cast(arrivals.aged_21_30 as double) + cast(arrivals.aged_31_40 as double)
    + cast(arrivals.aged_41_50 as double) + cast(arrivals.aged_51_60 as double) + cast(arrivals.aged_61_up as double)
        as traveller_arrivals
from raw.kto__arrivals_monthly as arrivals
left join staging.economy_codes as nationalities
    on nationalities.scheme = 'kto_name' and arrivals.nationality = nationalities.code
where nationalities.exclusion_reason is null
