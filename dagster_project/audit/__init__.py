"""Audit the warehouse: check every table against its suite before anyone may see it.

Here: reading the suites in `expectations/` (`suites`), running them inside DuckDB (`auditor`), converting rules and
results for Great Expectations (`translation`), results (`results`), and Great Expectations' own pages on request
(`data_docs`). Not here: the effect of a failure on a publication (`pipeline`).

`suites` and `results` are plain data and quick to import. Great Expectations takes seconds to import, so only
`translation`, `auditor` and `data_docs` use it, and import it when something is audited.
"""
