"""A model of two columns, which the tests of engines make a table of.

Here: that model. Not here: what becomes of it.
"""

from __future__ import annotations

from dagster_project.models import Model
from tests import making

HEADER = """/*
what: What's here.
grain: [partner_code]
{parameters}columns:
  partner_code: code | The partner's code.
  value_usd: US$ | The value.
*/
"""


def model(select: str, table: str = "trade", parameters: str = "") -> Model:
    return making.parse_model(HEADER.format(parameters=parameters) + select, schema="marts", table=table)
