"""What is wrong with an SDMX-CSV file, by its structures: `pysdmx` reads unknown codes and columns without a word."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

MARKS = ["STRUCTURE", "STRUCTURE_ID", "ACTION"]


def list_faults(structures: Path, flow: str, header: list[str], rows: list[list[str]]) -> list[str]:
    """List the faults: columns, codes, missing values, repeated keys; each kind once."""
    from pysdmx.io import read_sdmx
    from pysdmx.model import Role
    from pysdmx.model.dataflow import DataStructureDefinition

    message = read_sdmx(structures, validate=True)
    (structure,) = [
        one for one in message.structures or () if isinstance(one, DataStructureDefinition) and one.id == f"DSD_{flow}"
    ]
    components = list(structure.components)
    names = [one.id for one in components]
    if sorted(header) != sorted([*MARKS, *names]):
        return [f"columns {sorted({*header} ^ {*MARKS, *names})}"]
    faults = []
    keys = [one.id for one in components if one.role is Role.DIMENSION]
    for one in components:
        values = {row[header.index(one.id)] for row in rows}
        if one.required and "" in values:
            faults.append(f"{one.id} is missing")
        if one.local_codes is not None and (others := values - {code.id for code in one.local_codes} - {""}):
            faults.append(f"{one.id} has {sorted(others)}")
    seen = Counter(tuple(row[header.index(name)] for name in keys) for row in rows)
    faults += [f"key {key} occurs {times} times" for key, times in seen.items() if times > 1][:1]
    named = {tuple(row[header.index(mark)] for mark in MARKS) for row in rows}
    if named != {("dataflow", f"BILATERAL:{flow}(1.0)", "I")}:
        faults.append(f"structure {sorted(named)}")
    return faults
