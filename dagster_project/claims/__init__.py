"""Claims: published statements about trade, kept as data tests that the figures answer.

Here, in the order of a claim's way:

- a text: `tokens`, found by words of a `lexicon`, which make a value (`values`) or a period (`periods`, `notation`);
- what people write: a line or rows (`inputs`), a sentence (`reader`, with `clause` and `pairs` for what belongs to a
  number, `number_claims` and `word_claims` for what is claimed);
- what a claim says: closed types, by the grammar of its comparator (`statements`, `grammar.yml`), and the register
  (`register`, `schema`), with the SQL of a claim that has none (`compiling`, `series`);
- evidence: what it may read, for how long, and what its value rests on (`evidence`, `query_limits`);
- the verdict: how values compare (`comparison`, `conversions`), what is missing and what a wrong number is
  (`evaluator`, `verdicts`, `figures`, `diagnosis`);
- the answer to a row, a sentence or an article (`judging`), and the tables of the register (`tables`).

What cannot be read, or does not fit, is refused with `BilateralError`, which says what to write instead; a failing
evidence is an `EvidenceError`.

Not here: what was known on a day (`history`), the figures, and the shape of the published tables `core.claims` and
`marts.claim_verdicts`, which are in `sql/`.
"""
