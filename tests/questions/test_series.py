"""A key names a series."""

from __future__ import annotations

import pytest

from dagster_project.errors import BilateralError
from dagster_project.questions.series import Series


@pytest.mark.parametrize("key", ["goods/A/KOR", "goods/D/KOR/export/CHN/TOTAL", "goods/A/KOR/exports/CHN/TOTAL", ""])
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(BilateralError, match="is not a valid key of a series"):
        Series.parse_key(key)
