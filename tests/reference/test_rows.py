"""Rows have a hash of their columns and content, and each row has one by its key."""

from __future__ import annotations

from dagster_project.reference.rows import Rows

TABLE = Rows("economies", {"code": "varchar", "name": "varchar"}, [["KOR", "South Korea"], ["CHN", "China"]])


def test_the_fingerprint_follows_columns_and_rows() -> None:
    same = Rows("economies", dict(TABLE.columns), [list(row) for row in TABLE.rows])
    assert same.fingerprint == TABLE.fingerprint
    assert Rows("economies", {**TABLE.columns, "name": "integer"}, TABLE.rows).fingerprint != TABLE.fingerprint
    assert Rows("economies", TABLE.columns, TABLE.rows[:1]).fingerprint != TABLE.fingerprint


def test_a_row_is_known_by_its_first_column() -> None:
    changed = Rows("economies", TABLE.columns, [TABLE.rows[0], ["CHN", "Mainland China"]])
    one, other = TABLE.row_hashes(), changed.row_hashes()
    assert {code for code in one if one[code] != other[code]} == {"CHN"}
