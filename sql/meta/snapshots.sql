/*
what: >-
  Every snapshot that this publication was built from: where its bytes come from, the day from which they are known, and
  the terms of their use.
grain: [snapshot_id]
example: |-
  select source, dataset, known_from, row_count, licence_name, citation
  from meta.snapshots
  order by known_from desc limit 10
columns:
- snapshot_id: >-
    code | The snapshot, as source/dataset/first digits of the hash; the time goes before them if it was fetched.
- source (in short), dataset (of the source), title (of the dataset), url (of the publisher), edition
- published_on: date | When the publisher released it, if it says so.
- retrieved_at: time | When the copy was taken, in UTC; midnight where only its day is known.
- known_from (of its figures)
- row_count: count | Rows as received, header left out.
- bytes: count | Size of the file as received.
- sha256: code | SHA-256 of the bytes as received.
- media_type: text | The kind of file.
- licence_name, licence_url, citation
- obtained: text | The copy through which the figures were read.
- form: code | table, in the columns of its dataset, or answer, as the publisher sent it.
*/
select
    *,
    published_at as published_on
from reference.snapshots
