"""Bilateral: a warehouse of trade between economies.

Each folder is one step of the data: `sources` declares the datasets of publishers, `snapshots` stores the bytes that
publishers sent, `raw` converts the bytes to Parquet, `models` and `engines` run the SQL in `sql/`, `audit` checks the
tables, `publication` publishes the tables. `pipeline` runs these steps in order. `defs` declares the steps to Dagster,
and `cli` to the shell; no other folder imports these two. `make lint` checks the imports that pyproject.toml allows.
"""

import os

# The analyses multiply small matrices: more threads cost processor time there and save nothing. NumPy reads this when
# it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
