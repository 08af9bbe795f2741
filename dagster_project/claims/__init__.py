"""Claims: published statements about trade, kept as data tests that the figures answer.

Here, in the order of a claim's way: what people write as a line (`lines`, `spoken`, and `values`, `periods` and
`printed` for its parts), in sentences (`lexicon`, `spotting` and `dating` find parts, `pairs` and `clause` what belongs
to a number, `amounts` and `wording` what is claimed, `reader` how sure that is) and in articles (`article`); what it
says in closed types (`statements`); the register and its form (`register`, `form`); the SQL of a claim without one
(`compiling`, `series`); what evidence may read, for how long, and what its value rests on (`evidence`, `limits`); how
values compare (`comparison`, `conversions`); verdicts, what is not held, and what a wrong number is
(`evaluator`, `verdicts`, `figures`, `diagnosis`); the tables (`tables`). Not here: what was known on a day (`history`),
the figures, and the shape of the published tables `core.claims` and `marts.claim_verdicts`, which are in `sql/`.
"""
