"""Delete Dagster's records of runs that ended more than some days ago: python deploy/forget_runs.py DAYS.

Dagster keeps the events of runs for ever. What is published is reported again if its run is forgotten.
"""

import sys
from datetime import UTC, datetime, timedelta

import dagster as dg

ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]

with dg.DagsterInstance.get() as instance:
    before = datetime.now(UTC) - timedelta(days=int(sys.argv[1]))
    old = instance.get_run_records(dg.RunsFilter(statuses=ENDED, created_before=before))
    for record in old:
        instance.delete_run(record.dagster_run.run_id)
sys.stdout.write(f"{len(old)} runs are forgotten.\n")
