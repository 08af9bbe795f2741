"""Write and run the script of a proof, which computes a figure from its inputs with plain DuckDB.

Here: the inputs as CSV, filling `prove.sql.j2`, and running it. Not here: which rows and models a figure needs
(`needs`), and the other files of a proof (`proof`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import quote_literal
from dagster_project.proof.needs import Needs
from dagster_project.publication.html import render_page

TEMPLATE = Path(__file__).with_name("prove.sql.j2")
# The columns of a raw table besides those of its dataset.
RECEIVED = {"snapshot_id": "varchar", "row_number": "bigint"}


def write_inputs(needs: Needs) -> dict[str, bytes]:
    """Write the rows that a figure needs besides the bytes of its snapshots: CSV files by their paths in a proof."""
    # An empty file is read in place of one that is missing or has another hash.
    files = {"none.csv": b""}
    for dataset in needs.datasets:
        if rows := [row for part in needs.parts if part.dataset == dataset for row in part.written]:
            names = [*(column.name for column in dataset.columns), *RECEIVED]
            files[f"rows/{dataset.table}.csv"] = write_csv(names, rows)
    return files | {f"reference/{one.name}.csv": write_csv(one.columns, one.rows) for one in needs.references}


def write_csv(head: Iterable[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as CSV."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode()


def write_script(needs: Needs, record: Mapping[str, Any], inputs: Mapping[str, bytes], at: str = "") -> str:
    """Write the script.

    Args:
        needs: What the figure needs.
        record: The citation of the figure.
        inputs: The inputs of `write_inputs`.
        at: The folder of the files, with a slash at its end; by default the one in which DuckDB runs.
    """
    identity = needs.identity
    asked = {
        "reporter_code": identity.reporter,
        "partner_code": identity.partner,
        "period": identity.period,
        "item": identity.item,
    }
    return render_page(
        TEMPLATE,
        needs=needs,
        record=record,
        at=at,
        hashes={path: hashlib.sha256(content).hexdigest() for path, content in inputs.items()},
        raws={one.table: dict.fromkeys((column.name for column in one.columns), "varchar") for one in needs.datasets},
        received=RECEIVED,
        where=" and ".join(f"{column} = {quote_literal(value)}" for column, value in asked.items() if value),
        sources=sorted(row["snapshot_id"] for row in record["snapshots"]),
    )


def run_script(needs: Needs, text: str) -> tuple[str, dict[str, bytes]]:
    """Run a script; return its result, and for each step the rows of the pair and the period as CSV."""
    with duckdb.connect() as connection:
        ((result, *_),) = connection.execute(text).fetchall()
        steps = {}
        for step in needs.steps:
            conditions = needs.scope.write_conditions([column.name for column in step.columns])
            if step.is_macro or not conditions:
                continue
            found = connection.execute(f"from {step.name} where {' and '.join(conditions)} order by all")
            if rows := found.fetchall():
                steps[step.name] = write_csv([column[0] for column in found.description or ()], rows)
        return str(result), steps
