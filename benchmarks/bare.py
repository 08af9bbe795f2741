"""The limit: DuckDB's own client running the same SQL from the same files, and nothing else.

    python benchmarks/bare.py SCRIPT FILE

Here: the script of statements, and the few lines that run one. Not here: contracts, hashes, audits, publications: what
they cost is what is measured against this.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.inputs import Inputs

# A line that is in no statement.
BETWEEN = "\n-- next statement\n"


def script(inputs: Inputs, *, memory: str | None = None) -> str:
    """Every model as one statement, after the tables that they read."""
    schemas = dict.fromkeys(name.partition(".")[0] for name in (*inputs.selects, *inputs.models))
    statements = ["set preserve_insertion_order = false"]
    statements += [f"set memory_limit = '{memory}'"] if memory else []
    statements += [f"create schema {schema}" for schema in schemas]
    readers = Counter(needed for model in inputs.models.values() for needed in model.depends_on)
    for name, select in inputs.selects.items():
        # What one model reads need not be stored before; of CSV it then parses the columns that it uses.
        statements.append(f"create {'view' if readers[name] == 1 else 'table'} {name} as {select}")
    for model in inputs.models.values():
        if model.is_macro:
            parameters = ", ".join(model.parameters)
            statements.append(f"create macro {model.name}({parameters}) as table {model.select}")
        else:
            statements.append(f"create table {model.name} as {model.select}")
    return BETWEEN.join(statements)


def main() -> None:
    begun = time.perf_counter()
    import duckdb

    imported = time.perf_counter()
    with duckdb.connect(sys.argv[2]) as connection:
        for statement in Path(sys.argv[1]).read_text(encoding="utf-8").split(BETWEEN):
            connection.execute(statement)
    print(json.dumps({"imports": imported - begun, "build": time.perf_counter() - imported}))


if __name__ == "__main__":
    main()
