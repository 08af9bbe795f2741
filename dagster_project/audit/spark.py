"""Runs suites with Great Expectations where Spark has the tables.

Here: what is otherwise than in DuckDB: the SQL of a rule is translated, and a batch is a data frame. Not here: the
reading of answers, which is the same (`auditor`).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dagster_project.audit.auditor import WHOLE, Auditor
from dagster_project.audit.results import SAMPLE_SIZE
from dagster_project.audit.suites import ROWS_KWARG, Expectation, Suite
from dagster_project.engines.spark import Spark, translate, view

if TYPE_CHECKING:
    from great_expectations.datasource.fluent import SparkDatasource
    from great_expectations.datasource.fluent.interfaces import Batch

# Stands for the table while a rule is translated.
_BATCH = "the_batch"


class SparkAuditor(Auditor):
    """Audits tables that Spark has made.

    Args:
        engine: The engine that made them.
    """

    def __init__(self, engine: Spark) -> None:
        super().__init__(engine.file.cursor())
        self._engine = engine

    def close(self) -> None:
        super().close()
        self.__dict__.pop("_source", None)

    def _exists(self, table: str) -> bool:
        return table in self._engine.made

    def _spoken(self, suite: Suite, rule: Expectation) -> Expectation:
        if rule.query is None:
            return rule
        for name in rule.reads:
            self._engine.recall(name)
        # Translated with its braces as they are meant, and written again with them doubled.
        query = translate(rule.query.format(batch=_BATCH)).replace("{", "{{").replace("}", "}}")
        return replace(rule, kwargs={**rule.kwargs, ROWS_KWARG: query.replace(_BATCH, "{batch}")})

    def _batch(self, table: str) -> Batch:
        self._engine.recall(table)
        frame = self._engine.session.table(view(table))
        if table not in self._source.get_asset_names():
            self._source.add_dataframe_asset(table).add_batch_definition_whole_dataframe(WHOLE)
        definition = self._source.get_asset(table).get_batch_definition(WHOLE)
        batch: Batch = definition.get_batch({"dataframe": frame})
        return batch

    def _first_rows(self, query: str, suite: Suite) -> list[dict[str, Any]]:
        # A model's name stands for the table here: the quotes of DuckDB are those of a text in Spark.
        names = frozenset().union(*(rule.reads for rule in suite.expectations)) | {suite.table}
        frame = self._engine.frame(query, names)
        ordered = frame.orderBy(*(frame[column].asc_nulls_last() for column in frame.columns))
        return [row.asDict() for row in ordered.limit(SAMPLE_SIZE).collect()]

    @cached_property
    def _source(self) -> SparkDatasource:
        # Not persisted: a table is looked at once, and the cluster's memory is for the models.
        return self.context.data_sources.add_spark("spark", persist=False)
