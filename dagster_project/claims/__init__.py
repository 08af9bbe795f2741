"""Claims: published statements about trade, kept as data tests that the figures answer.

Here: the register's form (`register`) and the claim as printed (`printed`); what an evidence may ask (`evidence`) and
what its answer rests on (`lineage`); the comparisons (`comparators`, `times`, and `comparison`, which they share); the
evidence as it stood on a day (`as_of`), the verdicts (`verdicts`), and both as tables (`tables`). Not here: the
figures, and the shape of the published tables `core.claims` and `marts.claim_verdicts`, which are in `sql/`.
"""
