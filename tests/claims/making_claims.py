"""Claims and a warehouse small enough to see whole.

Here: builders for the tests of this room. Not here: figures of any snapshot.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb

from dagster_project import models
from dagster_project.claims import inputs
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.verdicts import ClaimResult
from dagster_project.models import Model
from tests import making

YEAR_2018 = {"start": date(2018, 1, 1), "end": date(2018, 12, 31)}
BALANCE = "select max(balance_usd) from marts.balances where reporter_code = 'KOR' and year = 2018"
OBSERVATIONS = """/*
what: Every figure.
grain: [reporter_code, year, known_from]
columns:
  reporter_code: code | Who reports.
  year: year | The year.
  exports_usd: US$ | Exports.
  imports_usd: US$ | Imports.
  snapshot_id: code | Where it stands.
  known_from: date | Since when.
  known_to: date | Until when.
*/
select reporter_code, year, exports_usd, imports_usd, snapshot_id, known_from, known_to from raw.figures
"""
BALANCES = """/*
what: Balances as known now.
grain: [reporter_code, year]
columns:
  reporter_code: code | Who reports.
  year: year | The year.
  balance_usd: US$ | Exports less imports.
  snapshot_ids: list | Where it stands.
*/
with known as (select * from core.trade_observations where known_to is null)

select
    known.reporter_code,
    known.year,
    known.exports_usd - known.imports_usd as balance_usd,
    known.snapshot_id as snapshot_ids
from known
inner join core.economies as economies on known.reporter_code = economies.economy_code
"""
ECONOMIES = """/*
what: Economies.
grain: [economy_code]
columns:
  economy_code: code | The economy.
  name: text | Its name.
*/
select economy_code, name from raw.economies
"""
AS_OF = """/*
what: As of a day.
grain: [reporter_code, year]
parameters: [moment]
columns:
  reporter_code: code | Who reports.
  year: year | The year.
  exports_usd: US$ | Exports.
*/
select reporter_code, year, exports_usd
from core.trade_observations
where known_from <= moment and (known_to is null or known_to > moment)
"""
FIGURES = """/*
what: Printed figures.
grain: [figure_id]
columns:
  figure_id: code | The figure.
  value: own unit | The value.
  published_on: date | When.
  snapshot_id: code | Where it stands.
*/
select figure_id, value, published_on, snapshot_id from raw.printed
"""
EFFECTS = """/*
what: What a program works out.
grain: [event_id]
columns:
  event_id: code | The event.
  estimate_pct: percent | Its effect.
*/
select event_id, estimate_pct from analysis.effects
"""
# Korea's balance of 2018 was 55.6 by the first snapshot and 55.9 by the second; China's says 95.8 throughout.
ROWS = """
    ('KOR', 2018, 162.1e9, 106.5e9, 'a/first/1', date '2019-02-01', date '2024-06-01'),
    ('KOR', 2018, 162.4e9, 106.5e9, 'a/second/2', date '2024-06-01', null),
    ('KOR', 2023, 124.8e9, 142.8e9, 'a/second/2', date '2024-06-01', null),
    ('CHN', 2018, 108.8e9, 204.6e9, 'b/first/3', date '2019-02-01', null)
"""


def claim(**given: Any) -> Claim:
    """Make a claim about Korea's balance of 2018; `fields` replace the defaults."""
    known = {
        "claim_id": "balance",
        "statement": "Korea had a surplus.",
        "metric": "goods_balance",
        "period": YEAR_2018,
        "period_type": "annual",
        "comparator": "equals",
        "evidence": BALANCE,
    }
    return Claim.model_validate({**known, **given})


def dollars(value: float, decimals: int = 1, **given: Any) -> Claim:
    """Make a claim of an amount in billion US$."""
    return claim(claimed_value=value, unit="USD", scale="billion", decimals=decimals, **given)


def article(*claims: Claim, **given: Any) -> Article:
    """Make an article published at the end of 2023."""
    known = {
        "article_id": "paper",
        "title": "An article",
        "publisher": "A paper",
        "published_on": "2023-12",
        "claims": [one.model_dump(exclude_none=True) for one in claims],
    }
    return Article.model_validate({**known, **given})


def small() -> dict[str, Model]:
    """Make a few models, in the order in which they can run."""
    texts = {
        ("core", "economies"): ECONOMIES,
        ("core", "trade_observations"): OBSERVATIONS,
        ("core", "trade_as_of"): AS_OF,
        ("core", "published_figures"): FIGURES,
        ("marts", "balances"): BALANCES,
        ("marts", "effects"): EFFECTS,
    }
    found = [making.parse_model(text, schema=schema, table=table) for (schema, table), text in texts.items()]
    return {model.name: model for model in models.sort_models(found)}


def warehouse(rows: str = ROWS) -> duckdb.DuckDBPyConnection:
    """Open a warehouse in which the tables of these models have a few rows."""
    connection = duckdb.connect()
    for schema in ("raw", "analysis", "core", "marts", "meta"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        f"""
        create table raw.figures as select * from (values {rows})
            as t (reporter_code, year, exports_usd, imports_usd, snapshot_id, known_from, known_to);
        create table raw.economies as select * from (values ('KOR', 'Korea'), ('CHN', 'China'))
            as t (economy_code, name);
        create table raw.printed as select * from (values
            ('early', 1.0, date '2023-11-30', 'c/first/4'), ('late', 2.0, date '2024-01-05', 'c/first/4'),
            ('undated', 3.0, null, 'c/first/4')) as t (figure_id, value, published_on, snapshot_id);
        create table analysis.effects as select 'thaad' as event_id, -4.5::double as estimate_pct;
        """
    )
    for model in small().values():
        if model.is_macro:
            connection.execute(f"create macro {model.name}({', '.join(model.parameters)}) as table {model.select}")
        else:
            connection.execute(f"create table {model.name} as {model.select}")
    return connection


# A day after which no figure became known: what was known on it are the figures of now, and nothing is rebuilt.
NEWEST = "2026-11-30"


def judge(evaluator: Evaluator, line: str, on: str = NEWEST, **given: Any) -> ClaimResult:
    """Judge a line as published on a day, with other columns in `given`."""
    row = {"claim": line, "published_on": on, **given}
    article = inputs.make_article(evaluator.connection, row, where="x", published_on=date(2026, 10, 1))
    found = evaluator.evaluate_claim(article, article.claims[0])
    if found.error is not None:
        raise found.error
    return found


def told(found: ClaimResult) -> tuple[str, str]:
    assert found.verdict is not None
    return found.verdict.verdict, found.verdict.reason


def read_claim(evaluator: Evaluator, line: str) -> Claim:
    row = {"claim": line}
    return inputs.make_article(evaluator.connection, row, where="The claim", published_on=date(2026, 11, 25)).claims[0]
