/*
what: >-
  Rows that broke their dataset's contract, one row for each field that did, and rows that a decision sets aside: a
  person's, or that of a build whose audit would have failed on their snapshot. No other table has them.
grain: [snapshot_id, row_number, column_name, reason]
required: [source, dataset]
example: |-
  select source, dataset, set_aside_by, reason, count(*) as fields
  from meta.quarantine
  group by source, dataset, set_aside_by, reason
columns:
- snapshot_id (of the row), source (in short), dataset (of the source)
- row_number: count | The row's place in the file, from 1, header left out; 0 for a snapshot that cannot be read.
- column_name: text | The column that is wrong; for a whole row, or a key that stands twice, the key's columns.
- value: own unit | What stands there.
- reason: text | Why the row was set aside; of a build the rule that did not hold, and rows that broke it.
- set_aside_by: code | contract, build or person (whose decision it was).
- is_current: true/false | No later snapshot has the row; one that has it may have mended it.
- row_text: text | The whole row as received, as JSON.
*/
select
    snapshot_id,
    source,
    dataset,
    row_number,
    column_name,
    value,
    reason,
    set_aside_by,
    is_current,
    row_text
from raw.quarantine
