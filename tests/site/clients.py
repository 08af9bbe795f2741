"""A site in the hands of `httpfs` and of `cffconvert`, each in an environment of its own (`make clients`).

Here: the environments, which need a package index and are kept in the folder that is named; the bytes that a client
asks for; whether it reads the warehouse's figures. Not here: clients that run in this environment (`test_reading`).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.site import write_site
from tests.publication.clients import make_environment
from tests.site.server import serve

MONTHS = "data/marts/trade_balance_monthly.parquet"
MOST_BYTES, MOST_SHARE = 250_000, 0.15
EXPECTED = """
    select period_start, exports_usd, imports_usd from marts.trade_balance_monthly
    where reporter_code = 'KOR' and partner_code = 'CHN'
"""


def main(folder: Path) -> int:
    """Say what each client reads; the status is how many read otherwise, too much, or find a fault."""
    project = Project.find()
    duck = make_environment(folder / "httpfs", "duckdb==1.5.5", "duckdb-extensions", "duckdb-extension-httpfs==1.5.5")
    cff = make_environment(folder / "cff", "cffconvert==2.0.0")
    failed = 0
    with tempfile.TemporaryDirectory() as place, publication.open_published(project) as connection:
        site = Path(place) / "site"
        write_site(Catalog(project), site, "https://example.org/bilateral")
        known = {tuple(str(cell) for cell in row) for row in connection.execute(EXPECTED).fetchall()}
        page = (project.root / "docs" / "site.md").read_text(encoding="utf-8")
        (text,) = re.findall(r"^```duckdb\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        _, _, months, figure, *attached = text.split(";")
        every = months.replace("period_start, exports_usd, imports_usd", "*")
        size = (site / MONTHS).stat().st_size
        with serve(site) as server:
            for query in (months, every, figure, ";".join(attached)):
                server.sent = 0
                client = [duck, Path(__file__).with_name("client.py"), server.address, query]
                ran = subprocess.run(client, capture_output=True, text=True, check=True)
                rows = json.loads(ran.stdout)[-1]
                sys.stdout.write(f"httpfs: {len(rows)} rows for {server.sent:,} bytes: {' '.join(query.split())}\n")
                failed += not rows
                if query == months:
                    is_dear = server.sent > MOST_BYTES or server.sent > MOST_SHARE * size
                    failed += is_dear or not {tuple(row) for row in rows} <= known
                    sys.stdout.write(f"httpfs: {server.sent / size:.1%} of the file\n")
        ran = subprocess.run(
            [cff.with_name("cffconvert"), "--validate"], capture_output=True, text=True, check=False, cwd=site
        )
        sys.stdout.write(f"cffconvert: {(ran.stdout + ran.stderr).strip().splitlines()[-1]}\n")
        failed += ran.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
