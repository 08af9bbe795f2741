/*
what: >-
  The first figures for a month: goods trade from its first day to the 10th, the 20th and its end, as known now. They
  are provisional and cumulative, so do not add rows to each other or to months: compare a row with the same days of
  another month or year. The month itself is in core.goods_trade_monthly about the 15th of the next month. The table is
  empty until a refresh fetches it.
grain: [reporter_code, partner_code, flow, period_start, period_end]
required: [value_usd, valuation, observation_status, source, dataset, snapshot_id, known_from]
columns:
- reporter_code, partner_code (or the world), flow, period_start (month), period_end (counted)
- value_usd: US$ | Value of the goods from the first day to the last.
- valuation
- observation_status: code | P, provisional.
- source, dataset, snapshot_id (of the newest), known_from (of the snapshot)
*/
with newest as (
    select
        flash.*,
        snapshots.known_from
    from staging.kcs__goods_flash as flash
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        row_number() over (
            partition by
                flash.reporter_code, flash.partner_code, flash.flow, flash.period_start, flash.period_end
            order by snapshots.known_from desc, snapshots.retrieved_at desc, flash.snapshot_id desc
        ) = 1
)

select * exclude (partner_label, row_number)
from newest
where value_usd is not null
