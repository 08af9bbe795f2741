/*
what: >-
  Products of each classification that the figures and the policy events use, with their place in it.
grain: [classification, product_code]
required: [level, label]
example: |-
  select classification, product_code, label
  from core.products
  where label ilike '%integrated circuits%'
columns:
- classification: code | The classification and its edition; TOTAL for all goods, HS for any edition of it.
- product_code (of a product), level
- parent_code: code | The product that it is part of.
- label: text | The product's name; for a Harmonized System code, the text for the same digits in the 2022 edition.
*/
with traded as (
    select distinct
        classification,
        product_code
    from core.goods_trade_observations
    where starts_with(classification, 'HS')
),

-- The subheadings of HS2012 to which traded ones convert are products, too.
used as (
    select
        classification,
        product_code
    from traded
    union
    select
        'HS2012' as classification,
        correlations.hs2012_code as product_code
    from traded
    inner join core.product_correlations as correlations using (product_code)
    where
        traded.classification between correlations.first_edition and correlations.last_edition
        and correlations.hs2012_code is not null
    union
    select
        classification,
        product_code
    from core.policy_event_scopes
    where classification = 'HS'
),

-- Each code with the heading and the chapter that it is part of.
families as (
    select distinct
        used.classification,
        levels.level,
        substr(used.product_code, 1, levels.level) as product_code
    from used
    inner join (values (2), (4), (6)) as levels (level) on length(used.product_code) >= levels.level
),

hs_codes as (
    select
        classification,
        level,
        product_code
    from families
    union
    select
        'HS' as classification,
        level,
        product_code
    from families
),

-- Korea Customs still returns classes of end use that it has abandoned and that are in no list.
unlisted as (
    select distinct
        observations.classification,
        observations.level,
        observations.product_code
    from core.goods_trade_observations as observations
    left join reference.products as listed using (classification, product_code)
    where starts_with(observations.classification, 'KCS_ENDUSE') and listed.product_code is null
)

select *
from reference.products
union all by name
select
    hs_codes.classification,
    hs_codes.product_code,
    hs_codes.level,
    case
        when hs_codes.level = 2 then 'TOTAL'
        else substr(hs_codes.product_code, 1, hs_codes.level - 2)
    end as parent_code,
    coalesce(labels.label, concat('HS ', hs_codes.product_code)) as label
from hs_codes
left join reference.hs_labels as labels using (product_code)
union all by name
select
    *,
    'TOTAL' as parent_code,
    concat('Customs class ', product_code) as label
from unlisted
