"""Run the scripts of proofs with plain DuckDB, as a reader does: nothing of this project is imported.

Each line of the input is JSON: the folder of a proof, and SQL to run before the steps, which may be empty. Each line of
the output is JSON: the last statement's first value, and the processor's seconds for it.
"""

import json
import os
import sys
import time
from pathlib import Path

import duckdb

STEPS = "-- Steps:"


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        os.chdir(asked["folder"])
        script = Path("prove.sql").read_text(encoding="utf-8").replace(STEPS, f"{asked['before']};\n{STEPS}", 1)
        # The time of the processor, because other programs on the machine take turns with this one.
        begun = time.process_time()
        with duckdb.connect() as connection:
            ((result, *_),) = connection.execute(script).fetchall()
        sys.stdout.write(json.dumps([result, time.process_time() - begun]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
