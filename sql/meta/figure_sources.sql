/*
what: >-
  Who published a figure, on what terms, and since when it is known: one row for each snapshot. Join it to
  unnest(snapshot_ids), or to snapshot_id, of any table.
grain: [snapshot_id]
required: [publisher, dataset, known_from, licence_name, licence_url, citation]
columns:
  snapshot_id: code | The snapshot that a figure stands in.
  publisher: text | Who published it; Korea Customs too where another source passes its figures on.
  source: code | The source's short name.
  source_title: text | The source's name.
  dataset: code | The source's dataset.
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
    source_title,
    dataset,
    title,
    url,
    known_from,
    licence_name,
    licence_url,
    citation
from reference.snapshots
