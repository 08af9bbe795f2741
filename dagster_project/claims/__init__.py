"""Claims: published statements about trade, kept as data tests that the figures answer.

Here, in the order of a claim's way: the parts of any text (`spotting`, by the words of a `lexicon`), which make a value
(`values`) or a period (`periods`, `spans`); what people write as a line (`lines`), in sentences (`clause` and `pairs`
find what belongs to a number, `slots` and `wording` what is claimed, `reader` how sure that is) and in articles
(`article`); what it says in closed types, by the grammar of its comparator (`statements`); the register and its form
(`register`, `form`); the SQL of a claim without one (`compiling`, `series`); what evidence may read, for how long, and
what its value rests on (`evidence`, `limits`); how values compare (`comparison`, `conversions`); verdicts, what is not
held, and what a wrong number is (`evaluator`, `verdicts`, `figures`, `diagnosis`); the tables (`tables`).

Not here: what was known on a day (`history`), the figures, and the shape of the published tables `core.claims` and
`marts.claim_verdicts`, which are in `sql/`.
"""
