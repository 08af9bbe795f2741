"""Claims: published statements about trade, kept as data tests that the figures answer.

Here: the form of the register (`register`) and of printed values (`printed`); what evidence may read (`evidence`) and
what its value rests on (`lineage`); the comparisons (`comparators`, `times`, and `comparison`, which they share); the
evidence as of a day (`as_of`), the verdicts (`verdicts`), and both as tables (`tables`). Not here: the figures, and the
shape of the published tables `core.claims` and `marts.claim_verdicts`, which are in `sql/`.
"""
