"""Bilateral: a warehouse of trade between economies.

The rooms follow the way the data goes: `sources` say what a publisher offers, `snapshots` keep its bytes, `raw` turns
bytes into Parquet, `models` and `engines` run the SQL in `sql/`, `audit` checks the result, `publication` puts it in
readers' hands. `pipeline` takes these steps in order. `defs` declares all of it to Dagster and `cli` to the shell;
nothing imports those two. Imports go one way, which pyproject.toml declares and `make lint` checks.
"""

import os

# The analyses multiply small matrices: more threads cost processor time there and save nothing. NumPy reads this when
# it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
