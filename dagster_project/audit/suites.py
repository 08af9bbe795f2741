"""Read the suites in `expectations/` and check their form, without Great Expectations.

Here: the form of a suite, and its errors. Not here: running suites (`auditor`).

A suite is one file, `expectations/<schema>/<table>.yml`: the name of the table, the errors that it guards against, and
its expectations. An expectation has one of four forms:

- `type` and `kwargs` as in Great Expectations 1.x;
- `unexpected_rows`, a SELECT of the rows that break the rule, short for the type `unexpected_rows_expectation`;
- `unique`, the name of a rule that no two rows have the same key (the `grain` in the model's header, `models.header`);
- the names, separated by commas, of rules in `expectations/rules.yml`, which suites share.

A rule has a name (`meta.check`), the reason why it must hold (`notes`), and a `severity` if that is not critical. If a
rule compares only rows with the same value of a column, `meta.sliced_by` may name the column: the rule can then run on
the rows of some values alone (`incremental.slices`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast

from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.models import SLICED_BY
from dagster_project.models.header import read_grain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dagster_project.project import Project

Severity = Literal["critical", "warning"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning")
ROWS_TYPE = "unexpected_rows_expectation"
ROWS_KWARG = "unexpected_rows_query"
COUNT_TYPES = ("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal")
UNIQUE_TYPES = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
# The types of rules that look at one row at a time.
ROW_TYPES = (
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_null",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
)

_CHECK_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TABLE = re.compile(r"\b(?:staging|core|marts|meta)\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Expectation:
    """One rule of a suite.

    Args:
        check: The name, unique in the suite.
        type: The type of Great Expectations, in snake case.
        severity: `critical` blocks a publication; `warning` is only reported.
        kwargs: The arguments of the type.
        notes: The reason why the rule must hold.
        sliced_by: The column whose values divide the rows into parts, on which the rule may run; None if not declared.
        known_rows: The number of rows that are known to break the rule.
        cause: The reason why these rows break it.
    """

    check: str
    type: str
    severity: Severity
    kwargs: Mapping[str, Any] = field(hash=False)
    notes: str
    sliced_by: str | None = None
    known_rows: int = 0
    cause: str = ""

    @property
    def query(self) -> str | None:
        """Return the SQL of a rule that selects unexpected rows, with `{batch}` for the table."""
        return str(self.kwargs[ROWS_KWARG]) if self.type == ROWS_TYPE else None

    @property
    def key(self) -> tuple[str, ...]:
        """Return the columns of the key that the rule checks; empty if the rule checks no key."""
        if self.type not in UNIQUE_TYPES:
            return ()
        return tuple(self.kwargs.get("column_list") or (str(self.kwargs.get("column")),))

    @property
    def sees_one_row(self) -> bool:
        """Return whether the rule looks at one row of its table at a time."""
        return self.type in ROW_TYPES

    @property
    def counts_rows(self) -> bool:
        """Return whether the rule counts the rows that break it."""
        return self.type in (ROWS_TYPE, *UNIQUE_TYPES, *ROW_TYPES)

    @property
    def has_observation(self) -> bool:
        """Return whether the result of the rule includes a value other than a number of rows."""
        return not self.counts_rows and (self.type not in COUNT_TYPES or "row_condition" in self.kwargs)

    def write_query(self, table: str) -> str | None:
        """Write the SQL that selects the rows that break the rule; None if only Great Expectations has that SQL."""
        if self.query is not None:
            return self.query.format(batch=table).strip()
        key = ", ".join(f'"{column}"' for column in self.key)
        return f"select * from {table} qualify count(*) over (partition by {key}) > 1" if key else None

    @cached_property
    def reads(self) -> frozenset[str]:
        """Find the tables that the rule's SQL names."""
        return frozenset(_TABLE.findall(self.query or ""))


@dataclass(frozen=True)
class Suite:
    """The rules for one table.

    Args:
        table: The table, `schema.table`.
        expectations: The rules, in the order of the file.
        why: The errors that the suite guards against.
        path: The file of the suite.
    """

    table: str
    expectations: tuple[Expectation, ...]
    why: str = ""
    path: Path = field(default=Path(), compare=False)

    @property
    def reads(self) -> frozenset[str]:
        """Return the other tables that the rules read, which must be made before the table is audited."""
        return frozenset().union(*(expectation.reads for expectation in self.expectations)) - {self.table}


def load_suites(project: Project) -> dict[str, Suite]:
    """Read every suite of the project, by the name of its table.

    Raises:
        BilateralError: A suite is malformed; the message names the file and the expectation.
    """
    path = project.expectations / "rules.yml"
    shared = load_yaml(path.read_text(encoding="utf-8"), "expectations/rules.yml") if path.is_file() else {}
    suites = {}
    for path in sorted(project.expectations.glob("*/*.yml")):
        schema, table = path.parent.name, path.stem
        text, model = path.read_text(encoding="utf-8"), project.sql / schema / f"{table}.sql"
        if (is_keyed := "unique:" in text) and not model.is_file():
            raise BilateralError(
                f"No model makes the table of the suite {schema}.{table}.",
                remedy=f"Correct the name of expectations/{schema}/{table}.yml, or remove the suite.",
            )
        grain = read_grain(model) if is_keyed else ()
        suites[f"{schema}.{table}"] = parse_suite(
            text, table=f"{schema}.{table}", path=path, shared=shared, grain=grain
        )
    return suites


def parse_suite(
    text: str,
    *,
    table: str,
    path: Path = Path(),
    shared: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    grain: Sequence[str] = (),
) -> Suite:
    """Parse the text of a table's suite; `shared` has the shared rules by name, `grain` the columns of the table's key.

    Raises:
        BilateralError: The suite is malformed.
    """
    where = f"expectations/{table.replace('.', '/')}.yml"
    content = load_yaml(text, where)
    _check_fields(content, where, needed={"name", "expectations"}, allowed={"name", "meta", "expectations"})
    if content["name"] != table:
        raise BilateralError(
            f"{where}: expected the name {table}, got {content['name']}.",
            remedy=f"Correct `name`, or move the file to expectations/{str(content['name']).replace('.', '/')}.yml.",
        )
    if not isinstance(content["expectations"], list) or not content["expectations"]:
        raise BilateralError(
            f"{where} has no expectations, so it would pass for any rows.", remedy="Write at least one."
        )
    expectations = tuple(
        _parse_rule(rule, where, place)
        for place, item in enumerate(content["expectations"], 1)
        for rule in _expand_rules(item, f"{where}, expectation {place}", shared, grain)
    )
    names = [expectation.check for expectation in expectations]
    for name in names:
        if names.count(name) > 1:
            raise BilateralError(
                f"{where} has two checks with the name {name}.", remedy="Give each check its own name."
            )
    why = " ".join(str((content.get("meta") or {}).get("why", "")).split())
    return Suite(table=table, expectations=expectations, why=why, path=path)


def _expand_rules(item: Any, label: str, shared: Mapping[str, Mapping[str, Any]], grain: Sequence[str]) -> list[Any]:
    """Return the complete rules of one entry of a suite; the entry may be a list of names of shared rules."""
    if isinstance(item, str):
        names = item.split(", ")
        if unknown := [name for name in names if name not in shared]:
            alike = [name for name in shared if name.partition(" (")[0] in {one.partition(" (")[0] for one in unknown}]
            raise BilateralError(
                f"{label}: expectations/rules.yml has no rule {', '.join(unknown)}.",
                remedy=bool(alike) * f"It has {', '.join(alike)}. "
                + "Write the rule out here, or declare it in rules.yml if several suites use it.",
            )
        rules = ((name.partition(" (")[0], shared[name]) for name in names)
        return [_fill_type({**rule, "meta": {"check": check, **(rule.get("meta") or {})}}) for check, rule in rules]
    if not isinstance(item, dict):
        return [item]
    for short in ("unique", "unexpected_rows"):
        if short in item and (beside := sorted(item.keys() & {"type", "kwargs"})):
            raise BilateralError(f"{label}: {short} and {beside[0]} cannot be used together.", remedy="Keep one.")
    if "unique" not in item:
        return [_fill_type(item)]
    if not grain:
        raise BilateralError(
            f"{label}: `unique` needs a grain in the header of the table's model, but the header has none.",
            remedy=f"Write the rule with the type {UNIQUE_TYPES[1]} and its columns.",
        )
    rest = {name: value for name, value in item.items() if name != "unique"}
    kind, kwargs = (
        (UNIQUE_TYPES[0], {"column": grain[0]}) if len(grain) == 1 else (UNIQUE_TYPES[1], {"column_list": list(grain)})
    )
    meta = {"check": item["unique"], **(item.get("meta") or {})}
    return [{"type": kind, "severity": "critical", "kwargs": kwargs, **rest, "meta": meta}]


def _fill_type(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a rule with its type and its severity."""
    full = {"severity": "critical", **rule}
    if "unexpected_rows" in full:
        full = {"type": ROWS_TYPE, "kwargs": {ROWS_KWARG: full.pop("unexpected_rows")}, **full}
    return full


def _parse_rule(item: Any, where: str, place: int) -> Expectation:
    meta = item.get("meta") if isinstance(item, dict) else None
    check = meta.get("check") if isinstance(meta, dict) else None
    label = f"{where}, {f'check {check}' if check else f'expectation {place}'}"
    _check_fields(item, label, needed={"type", "severity", "kwargs", "meta", "notes"})
    _check_fields(meta, f"{label}, meta", needed={"check"}, allowed={"check", "sliced_by", "known"})
    assert isinstance(meta, dict)
    if meta.get("sliced_by") is not None and (
        meta["sliced_by"] not in SLICED_BY or item["type"] not in (ROWS_TYPE, *UNIQUE_TYPES)
    ):
        raise BilateralError(
            f"{label}: a rule of the type {item['type']} cannot have sliced_by {meta['sliced_by']!r}.",
            remedy=f"sliced_by must be {' or '.join(SLICED_BY)}, in a rule with `unexpected_rows` or `unique`.",
        )
    if not _CHECK_NAME.fullmatch(str(check)):
        raise BilateralError(
            f"{label}: {check!r} is not a valid name of a check.",
            remedy="Write a statement in snake_case, for example one_row_per_pair_and_year.",
        )
    if item["severity"] not in SEVERITIES:
        raise BilateralError(
            f"{label}: unknown severity {item['severity']!r}.", remedy=f"Use one of {', '.join(SEVERITIES)}."
        )
    notes = " ".join(str(item["notes"] or "").split())
    if not notes:
        raise BilateralError(f"{label}: `notes` is empty.", remedy="Write a sentence that says why the rule must hold.")
    known = meta.get("known")
    if known is not None:
        _check_fields(known, f"{label}, known", needed={"rows", "cause"})
        if item["severity"] == "critical":
            raise BilateralError(
                f"{label}: a critical rule cannot have `known` rows that break it.", remedy="Make it a warning."
            )
    if not isinstance(item["kwargs"], dict):
        raise BilateralError(f"{label}: kwargs is not a mapping.", remedy="Write the arguments as name: value.")
    if item["type"] == ROWS_TYPE:
        _check_query(item["kwargs"], label)
    return Expectation(
        check=str(check),
        type=str(item["type"]),
        severity=cast("Severity", item["severity"]),
        kwargs=item["kwargs"],
        notes=notes,
        sliced_by=meta.get("sliced_by"),
        known_rows=known["rows"] if known else 0,
        cause=" ".join(str(known["cause"]).split()) if known else "",
    )


def _check_query(kwargs: Mapping[str, Any], label: str) -> None:
    _check_fields(kwargs, f"{label}, kwargs", needed={ROWS_KWARG})
    try:
        fields = {name for _, name, _, _ in Formatter().parse(str(kwargs[ROWS_KWARG])) if name is not None}
    except ValueError as error:
        raise BilateralError(
            f"{label}: the query has an unclosed brace: {error}.", remedy="Double a literal brace."
        ) from error
    if fields != {"batch"}:
        raise BilateralError(
            f"{label}: the query has the fields {sorted(fields)} in braces, but must have exactly {{batch}}.",
            remedy="Write {batch} for the table; double a literal brace, as in '^[0-9]{{6}}$'.",
        )


def _check_fields(item: Any, label: str, *, needed: set[str], allowed: set[str] | None = None) -> None:
    allowed = needed if allowed is None else allowed
    if not isinstance(item, dict):
        raise BilateralError(
            f"{label} is not a mapping.", remedy=f"Write it with the fields {', '.join(sorted(allowed))}."
        )
    missing, unknown = needed - set(item), set(map(str, item)) - allowed
    if missing or unknown:
        problems = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        problems += [f"has unknown fields {', '.join(sorted(unknown))}"] if unknown else []
        raise BilateralError(
            f"{label} {' and '.join(problems)}.", remedy=f"The fields are {', '.join(sorted(allowed))}."
        )
