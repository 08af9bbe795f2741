/*
what: >-
  Rows that broke their dataset's contract, one row for each field that did. They are in no other table.
grain: [snapshot_id, row_number, column_name, reason]
required: [source, dataset]
example: |-
  select source, dataset, reason, count(*) as fields
  from meta.quarantine
  group by source, dataset, reason
columns:
  snapshot_id: code | The snapshot that holds the row.
  source: code | The source's short name.
  dataset: code | The source's dataset.
  row_number: count | The row's place in the file, from 1, header left out.
  column_name: text | The column that is wrong; for a key that stands twice, the key's columns.
  value: own unit | What stands there.
  reason: text | Why the row was set aside.
  row_text: text | The whole row as received, as JSON.
*/
select
    snapshot_id,
    source,
    dataset,
    row_number,
    column_name,
    value,
    reason,
    row_text
from raw.quarantine
