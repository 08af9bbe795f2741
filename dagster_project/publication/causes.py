"""Why a figure is another than in an earlier publication.

Here: what a row tells of it by its snapshots, corrections and sources, and what its table was made from
(`meta.inputs`). Not here: which rows differ (`changes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from dagster_project.models import Model

# The name of a table's own code among its inputs.
CODE = "sql"
# What an input that differs says of a figure whose row tells nothing, the first that applies.
CAUSES = ("code", "reference", "correction", "person", "precedence", "publisher")
# A reason names so many snapshots.
NAMED = 3


@dataclass(frozen=True)
class Compared:
    """A table of which changes are told: its key, its figures with their units, and all its columns."""

    name: str
    key: Sequence[str]
    figures: Mapping[str, str]
    columns: Sequence[str]

    @classmethod
    def of(cls, model: Model) -> Compared:
        units = {column.name: column.unit for column in model.columns}
        return cls(model.name, model.grain, {name: units[name] for name in model.figures}, list(units))


@dataclass
class Roots:
    """What a table was made from in two publications, and the inputs at whose root they differ.

    Args:
        later: By table the hash of each input.
        earlier: The same of the earlier publication.
        decided: Why persons set figures aside, or took them in again, of raw tables without another snapshot.
    """

    later: Mapping[str, Mapping[str, str]]
    earlier: Mapping[str, Mapping[str, str]]
    decided: Mapping[str, str] = field(default_factory=dict)
    known: dict[str, frozenset[str]] = field(default_factory=dict)

    def of(self, table: str) -> frozenset[str]:
        """The inputs that differ: `sql/core/x.sql`, `reference.x`, `raw.x`; those that only pass it on left out."""
        if table not in self.known:
            self.known[table] = frozenset()
            now, then = self.later.get(table, {}), self.earlier.get(table, {})
            found: set[str] = set()
            for name in (name for name in {*now, *then} if now.get(name) != then.get(name)):
                if name == CODE:
                    found.add(f"sql/{table.replace('.', '/')}.sql")
                else:
                    found |= self.of(name) if name in self.later else {name}
            self.known[table] = frozenset(found)
        return self.known[table]

    def cause(self, table: str) -> tuple[str, str]:
        """What a change of a table comes from where its row tells nothing, in a word and as the inputs' names."""
        found = sorted(self.of(table), key=lambda name: (CAUSES.index(self._cause(name)), name))
        if not found:
            return "unknown", ""
        return self._cause(found[0]), ", ".join(self.decided.get(name, name) for name in found)

    def _cause(self, name: str) -> str:
        return "person" if name in self.decided else _cause(name)


def _cause(name: str) -> str:
    if name.startswith(("sql/", "analysis.")):
        return "code"
    if name.startswith("raw.") or name == "reference.snapshots":
        return "publisher"
    return {"reference.corrections": "correction", "reference.source_precedence": "precedence"}.get(name, "reference")


def tell(connection: duckdb.DuckDBPyConnection, table: Compared) -> None:
    """For each row that differs what its own columns tell: a cause, and the reason in words."""
    connection.execute(f"""
        create or replace temp table told as
        with numbered as (select *, row_number() over () as row_number from differing),
        snapshots as (
            select row_number, snapshot_id, is_now
            from (
                select row_number, unnest(ids) as snapshot_id, true as is_now from numbered
                union all
                select row_number, unnest(ids_before), false from numbered
            )
        ),
        arrivals as (
            select
                row_number,
                list_sort(list(distinct snapshot_id) filter (is_now and arrived))[:{NAMED}] as arrived,
                list_sort(list(distinct snapshot_id) filter (not is_now and not arrived))[:{NAMED}] as gone
            from snapshots inner join moved using (snapshot_id)
            group by all
        ),
        -- Datasets that a figure stood in, and that have been released again without it.
        datasets as (select dataset, list_sort(list(snapshot_id))[:{NAMED}] as released from moved group by all),
        released as (
            select row_number, any_value(released) as released
            from snapshots
            inner join datasets on dataset = array_to_string(string_split(snapshot_id, '/')[:2], '/')
            where not is_now
            group by all
        ),
        -- A row that no longer rests on a snapshot of which a person set figures aside, or rests on it again.
        decisions as (
            select row_number, list_sort(list(distinct reason))[:{NAMED}] as decided
            from (
                select row_number, snapshot_id from snapshots
                group by all having count(distinct is_now) = 1
            )
            inner join decided using (snapshot_id)
            group by all
        ),
        corrections as (
            select row_number, list_sort(list(distinct correction_id))[:{NAMED}] as correction_ids
            from numbered as differing inner join corrected on {_corrected(table.key)}
            group by all
        )
        select
            numbered.*,
            case
                when arrived is not null then 'publisher'
                when correction_ids is not null then 'correction'
                when decided is not null then 'person'
                when gone is not null then 'publisher'
                when released is not null and (sources = '' or sources <> sources_before) then 'publisher'
                when has_other_source then 'precedence'
            end as cause,
            case
                when arrived is not null then array_to_string(arrived, ', ')
                when correction_ids is not null then array_to_string(correction_ids, ', ')
                when decided is not null then array_to_string(decided, ', ')
                when gone is not null then concat('no longer there: ', array_to_string(gone, ', '))
                when released is not null and (sources = '' or sources <> sources_before)
                    then array_to_string(released, ', ')
                when has_other_source
                    then concat(sources, ' in place of ', sources_before)
            end as reason
        from numbered
        left join arrivals using (row_number)
        left join released using (row_number)
        left join corrections using (row_number)
        left join decisions using (row_number)
    """)


def _corrected(key: Sequence[str]) -> str:
    """The condition that a correction is of a row of that key: corrections are of total trade in goods."""
    if "reporter_code" not in key or {"product_code", "service_item_code"} & set(key):
        return "false"
    same = [f"corrected.{name} = differing.{name}" for name in ("reporter_code", "partner_code", "flow") if name in key]
    # One of a month also moves its year.
    same += ["year(corrected.period_start) = differing.year"] if "year" in key else []
    same += ["corrected.period_start = differing.period_start"] if "period_start" in key else []
    return " and ".join(same)


def is_source(name: str) -> bool:
    return name in {"source", "dataset"} or name.endswith(("_source", "_dataset"))
