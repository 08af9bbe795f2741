"""Judge claims: published statements about trade, each compared with the figures.

The modules, in the order in which they treat a claim:

- split a text by phrases (`tokens`, `lexicon`); parse a value (`values`) or a period (`periods`, `notation`);
- read what people write: lines and rows (`inputs`), sentences (`reader`, `clause`, `pairs`, `number_claims`,
  `word_claims`), and the register of claims (`register`, `schema`);
- parse a claim without SQL into a statement (`statements`), and write its SQL (`compiling`, `series`);
- check and run the SQL (`evidence`, `query_limits`);
- compare the values and give the verdict (`evaluator`, `comparison`, `conversions`, `verdicts`); describe missing
  figures (`figures`), and explain a wrong number (`diagnosis`);
- answer a row, a sentence or an article (`judging`), and make the published tables (`tables`).

A claim that cannot be read raises `BilateralError` with the remedy; SQL that fails raises `EvidenceError`. Not here:
the figures of earlier days (`history`), and the columns of `core.claims` and `marts.claim_verdicts` (`sql/`).
"""
