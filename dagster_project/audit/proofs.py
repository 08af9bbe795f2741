"""Many rules proved by few questions.

Here: which questions prove which rules, and what follows from their answers. Not here: the asking (`auditor`), and how
large tables are, which a build knows.

Great Expectations takes longer over a question than DuckDB does. So the rules of a table that look at small tables only
are put into one question, and a rule that looks at large ones into one for each part of them. Only if a question finds
something, which is seldom, is each of its rules asked by itself and of the whole table: what the audit says of a row
that breaks a rule never depends on how it was found. A rule that could not show the rows that it finds, since the
columns that it would show cannot be worked out, holds if there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagster_project.audit.suites import ROWS_KWARG, Expectation, Suite

if TYPE_CHECKING:
    from dagster_project.audit.auditor import Auditor
    from dagster_project.audit.results import CheckResult

_TOGETHER = "all together"


@dataclass(frozen=True)
class Asked:
    """Rules that need a verdict.

    Args:
        suite: A suite with just these rules.
        parts: For some of them, by their names, queries that find nothing only if the rule does.
        together: The names of rules that may be put into one question.
    """

    suite: Suite
    parts: Mapping[str, list[str]]
    together: frozenset[str]


def prove(auditor: Auditor, asked: Asked) -> list[CheckResult]:
    """The result of each rule that is asked, in the order of the suite."""
    rules = {rule.check: rule for rule in asked.suite.expectations}
    questions: dict[str, Expectation] = {}
    # The questions that have to find nothing for a rule to hold.
    proofs: dict[str, list[str]] = {}
    for check, queries in asked.parts.items():
        proofs[check] = [f"{check}, part {place}" for place in range(len(queries))]
        for name, query in zip(proofs[check], queries, strict=True):
            questions[name] = replace(rules[check], check=name, kwargs={ROWS_KWARG: _template(query)})
    together = [rule for check, rule in rules.items() if check in asked.together and check not in proofs]
    if len(together) > 1:
        proofs |= {rule.check: [_TOGETHER] for rule in together}
        questions[_TOGETHER] = replace(together[0], check=_TOGETHER, kwargs={ROWS_KWARG: any_of(together)})
    results = _ask(auditor, asked.suite, [*questions.values(), *(r for r in rules.values() if r.check not in proofs)])
    for check, names in proofs.items():
        if all(results[name].passed for name in names):
            results[check] = replace(
                results[names[0]], check=check, severity=rules[check].severity, notes=rules[check].notes
            )
    results |= _ask(auditor, asked.suite, [rule for check, rule in rules.items() if check not in results])
    return [results[check] for check in rules]


def _ask(auditor: Auditor, suite: Suite, questions: list[Expectation]) -> dict[str, CheckResult]:
    found = auditor.audit(replace(suite, expectations=tuple(questions))) if questions else []
    return {result.check: result for result in found}


def any_of(rules: Iterable[Expectation]) -> str:
    """A query that has a row for each of the rules that is broken, and none if all of them hold."""
    return "\nunion all\n".join(
        f"select '{rule.check}' as broken where exists (select 1 from ({rule.query}) as unexpected)" for rule in rules
    )


def _template(query: str) -> str:
    """A query without a field for its table, as an expectation holds it."""
    return query.replace("{", "{{").replace("}", "}}") + "/* of {batch} */"
