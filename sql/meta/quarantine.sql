/*
what: >-
  Rows that broke their dataset's contract, one row for each field in error, and rows set aside by decision: of a
  person, or of a build whose audit would have failed on their snapshot. No other table has these rows.
grain: [snapshot_id, row_number, column_name, reason]
required: [source, dataset]
example: |-
  select source, dataset, set_aside_by, reason, count(*) as fields
  from meta.quarantine
  group by source, dataset, set_aside_by, reason
columns:
- snapshot_id (of the row), source (in short), dataset (of the source)
- row_number: count | The row's place in the file, from 1, header left out; 0 for a snapshot that cannot be read.
- column_name: text | The column in error; for a whole row or a duplicate key, the key's columns.
- value: own unit | The value in that column.
- reason: text | Why the row was set aside; by a build, the rule that failed and rows that broke it.
- set_aside_by: code | contract, build or person, whichever decided.
- is_current: true/false | No later snapshot has the row; a later one may have corrected it.
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
