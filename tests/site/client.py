"""The queries of docs/site.md in a client that has DuckDB with `httpfs` and nothing else of this project.

Run as `python client.py SITE QUERIES`; it prints the rows of each query as JSON.
"""

from __future__ import annotations

import json
import sys

import duckdb
from duckdb_extensions import import_extension


def read(site: str, text: str) -> list[list[list[str]]]:
    """Run each statement with the site's address, and return the rows of each as texts."""
    import_extension("httpfs")
    connection = duckdb.connect()
    connection.execute("load httpfs")
    return [
        [[str(cell) for cell in row] for row in connection.execute(statement).fetchall()]
        for statement in text.replace("https://example.org/bilateral", site).split(";")
        if statement.strip()
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(*sys.argv[1:3])))
