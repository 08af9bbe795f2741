/*
what: >-
  Who published a figure, on what terms, and since when it is known: one row for each snapshot. Join it to
  unnest(snapshot_ids), or to snapshot_id, of any table.
grain: [snapshot_id]
columns:
  snapshot_id: code | The snapshot that a figure stands in.
  publisher: text | Who published it.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  title: text | What the dataset is.
  url: URL | Where the publisher offers it.
  known_from: date | The day from which its figures count as known.
  licence_name: text | The licence or terms of use.
  licence_url: URL | Where they stand.
  citation: text | How to cite it.
*/
select
    snapshot_id,
    publisher,
    source,
    dataset,
    title,
    url,
    known_from,
    licence_name,
    licence_url,
    citation
from reference.snapshots
