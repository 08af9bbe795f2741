/*
number: 18
question: How do the services shares of GDP compare?
name: services_in_gdp
read: >-
  One row a year: the share of services in each economy's GDP and the difference in percentage points, from the latest
  release that has both shares. Each economy's newest share is shown separately, and these two are not compared. A
  share marked as derived is what remains of GDP after agriculture and industry, where that is known to be services.
limits: >-
  Value added at current prices, from the World Bank; a later release may move either share by more than the
  difference between the two. Rows from two releases do not form a series. In Korea agriculture, industry and services
  need not add up to 100, because GDP also includes net taxes on products. A share says nothing about trade in
  services (question 17).
parameters:
  reporter: KOR | One economy (ISO 3166 alpha-3).
  partner: CHN | The other economy (ISO 3166 alpha-3).
  from_year: ten years before the last | The first year shown.
  to_year: the last year available for either | The last year shown.
columns:
- year, vintage_on
- reporter_services_share_pct: percent | Services in the reporter's GDP, by that release.
- partner_services_share_pct: percent | Services in the partner's GDP, by that release.
- difference_pp: percentage points | The reporter's share less the partner's.
- reporter_basis: code | reported by the source, or derived from the other components.
- partner_basis: code | reported by the source, or derived from the other components.
- reporter_newest_share_pct: percent | Services in the reporter's GDP, as known now.
- reporter_newest_shown_until: date | The last available release that shows this share.
- reporter_newest_basis: code | reported or derived, for the share as known now.
- partner_newest_share_pct: percent | Services in the partner's GDP, as known now.
- partner_newest_shown_until: date | The last available release that shows this share.
- partner_newest_basis: code | reported or derived, for the share as known now.
- is_answered: true/false | One available release shows both shares.
- snapshot_ids (of shares)
series:
  reporter_services_share_pct: "{reporter}"
  partner_services_share_pct: "{partner}"
*/
with asked as (
    select
        coalesce(getvariable('reporter'), 'KOR') as reporter_code,
        coalesce(getvariable('partner'), 'CHN') as partner_code,
        cast(getvariable('from_year') as integer) as from_year,
        cast(getvariable('to_year') as integer) as to_year
),

services as (
    select shares.*
    from asked
    inner join marts.gdp_composition_annual as shares
        on asked.reporter_code = shares.economy_code or asked.partner_code = shares.economy_code
    where shares.component = 'services'
),

years as (
    select years.year
    from asked
    inner join core.years_between(asked.from_year, asked.to_year, (select max(year) from services), 10) as years on true
),

shares as (
    select
        years.year,
        compared.vintage_on,
        compared.share_pct as reporter_services_share_pct,
        compared.other_share_pct as partner_services_share_pct,
        compared.difference_points as difference_pp,
        compared.basis as reporter_basis,
        compared.other_basis as partner_basis,
        reporter.share_pct as reporter_newest_share_pct,
        reporter.shown_until as reporter_newest_shown_until,
        reporter.basis as reporter_newest_basis,
        partner.share_pct as partner_newest_share_pct,
        partner.shown_until as partner_newest_shown_until,
        partner.basis as partner_newest_basis,
        concat_ws(
            ' ',
            case
                when reporter.year is null or compared.vintage_on is null and partner.year is not null
                    then concat('gdp/A/', asked.reporter_code, '/services')
            end,
            case
                when partner.year is null or compared.vintage_on is null and reporter.year is not null
                    then concat('gdp/A/', asked.partner_code, '/services')
            end
        ) as lacking,
        reporter.year is not null and partner.year is not null as are_held,
        list_sort(
            list_distinct(flatten([compared.snapshot_ids, [reporter.snapshot_id], [partner.snapshot_id]]))
        ) as snapshot_ids
    from asked
    left join years on true
    left join services as reporter on asked.reporter_code = reporter.economy_code and years.year = reporter.year
    left join services as partner on asked.partner_code = partner.economy_code and years.year = partner.year
    left join marts.services_in_gdp_annual as compared
        on
            asked.reporter_code = compared.economy_code
            and asked.partner_code = compared.other_code
            and years.year = compared.year
)

select
    shares.*,
    shares.lacking = '' as is_answered,
    case when shares.lacking != '' then case when shares.are_held then 'no_common_release' else 'not_held' end end
        as missing_code,
    case when missing_code is not null then string_split(shares.lacking, ' ') end as missing_series,
    case when missing_code is not null and shares.year is not null then [cast(shares.year as varchar)] end
        as missing_periods
from shares
order by shares.year desc

/*
{% set row, newest = held[0], rows[0] %}
services made up {{ row.reporter_services_share_pct | percent }} of GDP in {{ reporter }} and
{{ row.partner_services_share_pct | percent }} in {{ partner }} in {{ row.year }},
a difference of {{ row.difference_pp | abs | decimal }} percentage points
{%- set as_rounded = row.reporter_services_share_pct | round(1) - row.partner_services_share_pct | round(1) %}
{{- " (before rounding)" if (row.difference_pp - as_rounded) | abs | round(2) > 0.05 }};
both shares are from the World Bank's release of {{ row.vintage_on | day }}, the latest available one that has both;
{% set derived = ", computed as GDP less agriculture and industry," %}
{% for side, who in (("reporter", reporter), ("partner", partner)) %}
    {% set columns = [side ~ "_newest_share_pct", side ~ "_newest_shown_until", side ~ "_newest_basis"] %}
    {% set share, shown, basis = row[columns[0]], row[columns[1]], row[columns[2]] %}
    {% set last, last_shown, last_basis = newest[columns[0]], newest[columns[1]], newest[columns[2]] %}
    {% set is_revised = shown > row.vintage_on and share != row[side ~ "_services_share_pct"] %}
    {% set is_newer = newest.year != row.year and last is not none %}
    {% set is_joint = is_revised and is_newer and (shown, basis) == (last_shown, last_basis) %}
    {% if is_revised %}
        the World Bank's later release of {{ shown | day }} puts services{{ derived if basis == "derived" }} at
        {{ share | percent }} of {{ who | possessive }} GDP in {{ row.year }}
        {%- if is_joint %} and {{ last | percent }} in {{ newest.year }}{% endif %};
    {% endif %}
    {% if is_newer and not is_joint %}
        the World Bank's release of {{ last_shown | day }} puts services{{ derived if last_basis == "derived" }} at
        {{ last | percent }} of {{ who | possessive }} GDP in {{ newest.year }};
    {% endif %}
{% endfor %}
{{ "for " ~ newest.year ~ ", no available release has the shares of both economies;" if newest.year != row.year }}
*/
