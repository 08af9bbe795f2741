"""Answers from the published file, each asked once, and the tables behind texts about gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from dagster_project import questions
from dagster_project.project import Project
from dagster_project.questions import Answer

Ask = Callable[..., Answer]
Select = Callable[..., list[tuple[Any, ...]]]
QUESTIONS = {question.name: question for question in questions.load_questions(Project.find())}


@pytest.fixture(scope="module")
def ask(published: duckdb.DuckDBPyConnection) -> Ask:
    """Ask a question by its name and its parameters, or return the earlier answer."""
    answers: dict[object, Answer] = {}

    def ask(name: str, **given: str | int) -> Answer:
        key = name, *sorted(given.items())
        if key not in answers:
            answers[key] = questions.ask_question(published, QUESTIONS[name], given)
        return answers[key]

    return ask


@pytest.fixture(scope="module")
def select(published: duckdb.DuckDBPyConnection) -> Select:
    """Return the rows of a query."""
    return lambda query, *parameters: published.execute(query, parameters).fetchall()


@pytest.fixture(scope="module")
def held() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables that texts about gaps read, with one figure that fails the coverage check and one set aside."""
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema core;
            create schema marts;
            create schema meta;
            create schema staging;
            create table meta.quarantine as
            select source, dataset, column_name, whose as set_aside_by, reason, is_current, row_text
            from (
                values
                    ('kosis', 'goods_monthly', 'exports_kusd', 'person', 'Misread', true,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "20240401"}'),
                    ('kosis', 'goods_monthly', 'month', 'person', 'Mended', false,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "1"}'),
                    ('kosis', 'goods_monthly', 'month', 'contract', 'No number', true,
                        '{"partner_name": "미국", "month": "2024-03", "exports_kusd": "1"}'),
                    ('comtrade', 'goods_annual', 'value_usd', 'build', 'Of Brazil', true,
                        '{"reporter_code": "76", "partner_code": "842", "year": "2024", "flow_code": "X"}'),
                    ('worldbank', 'wdi', 'value', 'person', 'Of GDP', true,
                        '{"economy_code": "USA", "indicator_code": "NY.GDP", "year": "2024", "value": "1"}'),
                    ('oecd_wto', 'services_annual', 'year', 'build', 'Not readable', true, null),
                    ('oecd_wto', 'batis', 'balanced_musd', 'build', 'Of travel', true,
                        '{"reporter_code": "JPN", "partner_code": "USA", "flow": "IMP", "year": "2019"}'),
                    ('imf', 'imts', 'value_usd', 'build', 'Of a month', true,
                        '{"reporter_code": "JPN", "partner_code": "USA", "indicator_code": "XG_FOB_USD",'
                        ' "frequency": "M", "period": "2019-05"}'),
                    ('comtrade', 'goods', 'primary_value', 'build', 'Of a total', true,
                        '{"reporter_code": "JPN", "partner_code": "842", "period": "201905", "flow_code": "X",'
                        ' "cmd_code": "TOTAL"}'),
                    ('comtrade', 'goods', 'primary_value', 'build', 'Of chips', true,
                        '{"reporter_code": "JPN", "partner_code": "842", "period": "2019", "flow_code": "M",'
                        ' "cmd_code": "854231"}'),
                    ('unctad', 'goods_annual_sitc3', 'exports_kusd', 'person', 'Of a section', true,
                        '{"exporter_name": "JPN", "importer_name": "USA", "year": "2005", "product_code": "7"}')
            ) as decisions (source, dataset, column_name, whose, reason, is_current, row_text);
            create table core.valuations (reporter_code text, flow text, valuation text);
            create table core.entrepots as select 'CHN' as partner_code, 'HKG' as entrepot_code;
            create table staging.economy_codes as
            select * from (values ('미국', 'USA'), ('842', 'USA'), ('76', 'BRA')) as codes (code, economy_code);
            create table core.service_items as select 'SD' as service_item_code, 'Travel' as label;
            create table core.products as
                select 'HS' as classification, '8542' as product_code, 'Electronic integrated circuits' as label;
            create table core.agreements as select 'DESTA913' as agreement_id, 'An agreement' as agreement;
            create table core.policy_events as select 'E005' as event_id, 'Another' as title;
            create table core.goods_trade_set_aside as
            select 'KOR' as reporter_code, 'HKG' as partner_code, 'export' as flow,
                make_date(year, 1, 1) as period_start, 'All are even.' as reason
            from range(1993, 1996) as years (year);
            create table marts.trade_balance_annual as
            select 'USA' as reporter_code, 'CHN' as partner_code, year, 'insufficient' as coverage_status,
                null::boolean as partner_shows_other_sign, 'Oil is left out of ' || year || '.' as coverage_reason
            from range(2020, 2023) as years (year);
            create table core.goods_trade_coverage as
            select reporter_code, partner_code, flow, period_start, reason as coverage_status,
                reason as coverage_reason
            from core.goods_trade_set_aside where false;
            """
        )
        yield connection
