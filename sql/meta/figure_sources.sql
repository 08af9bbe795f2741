/*
what: >-
  The publisher of a figure, its terms of use, and the day from which it is known: one row for each snapshot. Join it to
  unnest(snapshot_ids), or to snapshot_id, of any table.
grain: [snapshot_id]
required: [publisher, dataset, known_from, licence_name, licence_url, citation]
columns:
- snapshot_id
- publisher: text | The original publisher, such as Korea Customs also where another source passes its figures on.
- source (in short)
- source_title: text | The source's name.
- dataset (of the source), title (of the dataset), url (of the publisher), known_from (of its figures), licence_name
- licence_url, citation
*/
select *
from reference.snapshots
