/*
number: 17
question: What share of trade is services?
name: services_share
read: >-
  A row a year and kind of value: services as the reporter's balance of payments has them (reported), or as the OECD and
  the WTO reconcile both sides (balanced), beside the goods of the same year, and the share of services in the two
  together. Compare years only within one kind and vintage. Balanced values are one figure for both sides, so that
  the partner's stand where the reporter's are not held; whose_statistics says so.
limits: >-
  Goods are customs figures, exports FOB and imports CIF, whose freight is in goods and not in services. An edition of
  balanced values estimates all years anew: two editions are not one series, and edition says which it is. Services
  sold by a branch abroad are in neither.
parameters:
  reporter: KOR | The economy whose trade it is (ISO 3166 alpha-3).
  partner: CHN | The economy it trades with (ISO 3166 alpha-3).
  from_year: ten years before to_year | The first year shown.
  to_year: the last year of which services are held | The last year shown.
columns:
  year: year | The year.
  value_basis: code | reported, balanced, or estimated where nobody reported; null if no services are held.
  whose_statistics: code | The economy in whose name the services are held (ISO 3166 alpha-3).
  services_exports_usd: US$ | Services that the reporter sold to the partner.
  services_imports_usd: US$ | Services that it bought.
  goods_exports_usd: US$ | Goods that it sold, FOB.
  goods_imports_usd: US$ | Goods that it bought, CIF.
  exports_share_pct: percent | Services in what it sold.
  imports_share_pct: percent | Services in what it bought.
  share_pct: percent | Services in both flows together.
  edition: text | The edition of the services, as the publisher names it.
  vintage: text | The edition, or where there is none the day of the last release held that shows the services.
  source: code | The publisher of the services.
  is_answered: true/false | The share in one flow at least is known.
  missing: text | Which figures are not held, and what would bring them.
  snapshot_ids: list | The snapshots the figures stand in.
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

-- What the reporter has itself, and what the partner has with the flows exchanged.
services as (
    select
        trade.year,
        trade.value_basis,
        trade.reporter_code as whose_statistics,
        max(trade.value_usd) filter (where trade.flow = 'export') as services_exports_usd,
        max(trade.value_usd) filter (where trade.flow = 'import') as services_imports_usd,
        max(trade.edition) as edition,
        trade.vintage,
        trade.source,
        list_sort(list_distinct(array_agg(trade.snapshot_id))) as snapshot_ids,
        1 as choice
    from asked
    inner join marts.services_trade_annual as trade
        on asked.reporter_code = trade.reporter_code and asked.partner_code = trade.partner_code
    where trade.service_item_code = 'S'
    group by trade.year, trade.value_basis, trade.reporter_code, trade.vintage, trade.source
    union all
    select
        trade.year,
        trade.value_basis,
        trade.reporter_code as whose_statistics,
        max(trade.value_usd) filter (where trade.flow = 'import') as services_exports_usd,
        max(trade.value_usd) filter (where trade.flow = 'export') as services_imports_usd,
        max(trade.edition) as edition,
        trade.vintage,
        trade.source,
        list_sort(list_distinct(array_agg(trade.snapshot_id))) as snapshot_ids,
        2 as choice
    from asked
    inner join marts.services_trade_annual as trade
        on asked.reporter_code = trade.partner_code and asked.partner_code = trade.reporter_code
    where trade.service_item_code = 'S' and trade.value_basis = 'balanced'
    group by trade.year, trade.value_basis, trade.reporter_code, trade.vintage, trade.source
),

-- Of a kind the one with both flows, the reporter's own before the partner's; an estimate only without another. The
-- flows of a row are of one vintage.
chosen as (
    select *
    from services
    qualify
        row_number() over (
            partition by year, value_basis
            order by services_exports_usd + services_imports_usd is null asc, choice asc, vintage desc, source asc
        ) = 1
        and (
            value_basis != 'estimated'
            or count(*) filter (where value_basis != 'estimated') over (partition by year) = 0
        )
),

bounds as (
    select
        coalesce(asked.to_year, max(chosen.year)) as last_year,
        coalesce(asked.from_year, coalesce(asked.to_year, max(chosen.year)) - 10) as first_year
    from asked
    left join chosen on true
    group by asked.from_year, asked.to_year
),

years as (
    select unnest(range(first_year, last_year + 1)) as year
    from bounds
),

shares as (
    select
        years.year,
        chosen.value_basis,
        chosen.whose_statistics,
        chosen.services_exports_usd,
        chosen.services_imports_usd,
        goods.exports_usd as goods_exports_usd,
        goods.imports_usd as goods_imports_usd,
        100 * chosen.services_exports_usd
        / nullif(chosen.services_exports_usd + goods.exports_usd, 0) as exports_share_pct,
        100 * chosen.services_imports_usd
        / nullif(chosen.services_imports_usd + goods.imports_usd, 0) as imports_share_pct,
        100 * (chosen.services_exports_usd + chosen.services_imports_usd)
        / nullif(
            chosen.services_exports_usd + chosen.services_imports_usd + goods.exports_usd + goods.imports_usd, 0
        ) as share_pct,
        chosen.edition,
        chosen.vintage,
        chosen.source,
        concat_ws(
            ' and ',
            case
                when chosen.services_exports_usd is null and chosen.services_imports_usd is null
                    then 'services in both flows'
                when chosen.services_exports_usd is null then 'services exported'
                when chosen.services_imports_usd is null then 'services imported'
            end,
            case
                when goods.exports_usd is null and goods.imports_usd is null then 'goods in both flows'
                when goods.exports_usd is null then 'goods exported'
                when goods.imports_usd is null then 'goods imported'
            end
        ) as lacks,
        list_sort(list_distinct(flatten([chosen.snapshot_ids, goods.snapshot_ids]))) as snapshot_ids
    from asked
    cross join years
    left join chosen on years.year = chosen.year
    left join marts.trade_balance_annual as goods
        on
            asked.reporter_code = goods.reporter_code
            and asked.partner_code = goods.partner_code
            and years.year = goods.year
),

-- Years that lack the same are said together.
lacking as (
    select
        lacks,
        case
            when
                max(year) - min(year) > 1
                and max(year) - min(year) + 1 = count(distinct year)
                then concat(min(year), ' to ', max(year))
            else string_agg(distinct year, ', ' order by year)
        end as years
    from shares
    where lacks != ''
    group by lacks
)

select
    shares.year,
    shares.value_basis,
    shares.whose_statistics,
    shares.services_exports_usd,
    shares.services_imports_usd,
    shares.goods_exports_usd,
    shares.goods_imports_usd,
    shares.exports_share_pct,
    shares.imports_share_pct,
    shares.share_pct,
    shares.edition,
    shares.vintage,
    shares.source,
    coalesce(shares.exports_share_pct, shares.imports_share_pct) is not null as is_answered,
    case
        when shares.year is null or shares.lacks != ''
            then concat(
                'Not held of ', coalesce(lacking.years, 'any year'), ': ',
                coalesce(lacking.lacks, 'services in both flows'), ', ', asked.reporter_code, ' with ',
                asked.partner_code, '.',
                case
                    when coalesce(lacking.lacks, 'services') like '%services%'
                        then concat(
                            ' `bilateral refresh oecd_wto` brings services of every year (no key, but to be turned on)',
                            case
                                when asked.reporter_code = 'KOR' and asked.partner_code in ('CHN', 'JPN', 'USA')
                                    then ', and `bilateral refresh bok` those that Korea reports (BILATERAL_BOK_KEY)'
                            end,
                            '.'
                        )
                end,
                case
                    when lacking.lacks like '%goods%'
                        then ' `bilateral refresh imf` brings goods (no key).'
                end,
                ' Both economies have to be in bilateral.toml.'
            )
    end as missing,
    shares.snapshot_ids
from asked
left join shares on true
left join lacking on shares.lacks = lacking.lacks
order by shares.year desc, shares.value_basis desc
