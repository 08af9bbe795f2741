"""Claims: published statements about trade, kept as data tests that the figures answer.

Here, in the order of a claim's way: what people write as a line (`lines`, `spoken`, and `reading`, `periods` and
`printed` for its parts), in sentences (`lexicon`, `spotting` and `dating` find parts, `pairs` and `clause` what
belongs to a number, `amounts` and `wording` what is claimed, `reader` how sure that is) and in articles (`article`);
the register and its form (`register`, `form`); the SQL of a claim without one (`compiling`, `series`); what evidence
may read, for how long, and what its value rests on (`evidence`, `limits`, `lineage`); the same as of a day (`as_of`);
how values compare (`comparators`, `times`, and `comparison`, which they share); verdicts, and what a wrong number is
(`evaluator`, `verdicts`, `diagnosis`); the tables (`tables`). Not here: the figures, and the shape of the published
tables `core.claims` and `marts.claim_verdicts`, which are in `sql/`.
"""
