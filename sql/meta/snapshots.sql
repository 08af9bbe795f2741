/*
what: >-
  Every snapshot that this publication was built from: where its bytes come from, since when they are known and on
  what terms they may be used.
grain: [snapshot_id]
columns:
  snapshot_id: code | The snapshot, as source/dataset/first twelve digits of the hash.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  title: text | What the dataset is.
  url: URL | Where the publisher offers it.
  edition: text | The edition or release as the publisher names it, if it does.
  published_at: date | When the publisher released it, if it says so.
  retrieved_at: date | When the copy was taken.
  known_from: date | The day from which its figures count as known.
  row_count: count | Rows as received, header left out.
  bytes: count | Size of the file as received.
  sha256: code | SHA-256 of the bytes as received.
  media_type: text | What kind of file it is.
  licence_name: text | The licence or terms of use.
  licence_url: URL | Where they stand.
  citation: text | How to cite it.
  obtained: text | Through which copy the figures were read.
*/
select
    snapshot_id,
    source,
    dataset,
    title,
    url,
    edition,
    published_at,
    retrieved_at,
    known_from,
    row_count,
    bytes,
    sha256,
    media_type,
    licence_name,
    licence_url,
    citation,
    obtained
from reference.snapshots
