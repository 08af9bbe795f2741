"""Load the definitions of `defs/` for Dagster."""

from functools import cache
from pathlib import Path

import dagster as dg


@dg.definitions
@cache  # Dagster calls it five times in the process of a run.
def defs() -> dg.Definitions:
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
