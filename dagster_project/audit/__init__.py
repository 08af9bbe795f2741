"""The audit: what every table must be, checked on the warehouse before anyone may see it.

Here: reading the suites in `expectations/` (`suites`), running them inside DuckDB (`auditor`), the library's side of it
(`translation`), what came of it (`results`, and `records` of a file), Great Expectations' own pages on request
(`data_docs`). Not here: the rules themselves, which are in `expectations/`, and what a failure means for a publication.

`suites` and `results` are plain data and quick to import. Great Expectations takes seconds to import; `translation`,
`auditor` and `data_docs` alone know it, and only once something is audited.
"""
