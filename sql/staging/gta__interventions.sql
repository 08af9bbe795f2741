/*
what: >-
  Interventions listed by Global Trade Alert, one row for each snapshot, without those that it no longer lists.
grain: [event_id, snapshot_id]
required: [state_act_id, title, intervention_type, evaluation, is_current]
columns:
- source, dataset
- event_id: code | The event in core, gta- and the number of the intervention.
- intervention_id: code | The number of the intervention.
- state_act_id: code | The number of the act that it is part of.
- title: text | The title of the act.
- event_class: code | The kind of event, by the instrument; null if the instrument is not in the list.
- intervention_type: text | The instrument as the source names it.
- mast_chapter: text | The chapter of the UN's classification of non-tariff measures, or the source's own.
- implementation_level: text | The level of government that acts, from supranational to local.
- evaluation: code | green liberalises, amber likely discriminates, red does so almost certainly.
- implementing_codes, affected_codes
- affected_basis: text | How the affected economies were found; mostly inferred from trade in the products.
- sector_codes: list | Groups of CPC 2.1, separated by semicolons; null if none are known.
- product_codes: list | Subheadings of HS 2022, separated by semicolons; null if none are known.
- announced_on: date | The day of the announcement.
- implemented_on: date | The day from which the measure is in force; null if it is not.
- removed_on: date | The day on which the measure ended or is to end; null if none is known.
- published_on: date | The day on which the entry was published.
- intervention_url: URL | The page about the intervention.
- state_act_url: URL | The page about the act.
- is_current: true/false | No newer snapshot has the intervention.
- snapshot_id (of the row), row_number (in the snapshot)
*/
-- A row without a line in the file means that the publisher no longer lists the intervention.
with received as (
    select
        interventions.*,
        snapshots.known_from,
        snapshots.retrieved_at,
        first_value(interventions.row_number) over (
            partition by
                interventions.asked_implementing, interventions.asked_affected, interventions.intervention_id
            order by snapshots.known_from desc, snapshots.retrieved_at desc, interventions.snapshot_id desc
        ) is not null as is_listed
    from raw.gta__interventions as interventions
    inner join reference.snapshots as snapshots using (snapshot_id)
)

select
    'gta' as source,
    'interventions' as dataset,
    received.* exclude (evaluation),
    'gta-' || received.intervention_id as event_id,
    received.state_act_title as title,
    types.event_class,
    lower(received.evaluation) as evaluation,
    received.implementing as implementing_codes,
    received.affected as affected_codes,
    received.sectors as sector_codes,
    received.products as product_codes,
    cast(received.date_announced as date) as announced_on,
    cast(received.date_implemented as date) as implemented_on,
    cast(received.date_removed as date) as removed_on,
    cast(received.date_published as date) as published_on,
    row_number() over (
        partition by received.intervention_id
        order by received.known_from desc, received.retrieved_at desc, received.snapshot_id desc
    ) = 1 as is_current
from received
left join reference.gta_intervention_types as types using (intervention_type)
where
    received.is_listed
    and received.row_number is not null
