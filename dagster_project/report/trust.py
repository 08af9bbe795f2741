"""What the report says of itself: claims with their verdicts, how fresh its figures are, the audit.

Here: reading them for a pair. Not here: the verdicts (`claims`), the audit (`audit`), or how they look (`page`).
"""

from __future__ import annotations

from typing import Any

from dagster_project.audit.results import summarize_results
from dagster_project.publication.page import WORST_FIRST
from dagster_project.report.pair import Pair


def list_claims(pair: Pair) -> list[dict[str, Any]]:
    """List the registered claims about the pair, those that the figures do not support first.

    A claim about one of the two alone is there if most of its article's claims are about the pair.
    """
    return pair.query_rows(
        """
        select claim_id, statement, published_on, published_on_precision, verdict, reason, observed_text, evidence_sql,
            publisher, url
        from core.claims
        inner join (select claim_id, verdict, reason, observed_text from marts.claim_verdicts) using (claim_id)
        where
            list_sort([reporter_code, partner_code]) = list_sort([$reporter, $partner])
            or (partner_code is null and reporter_code in ($reporter, $partner) and article_id in (
                select article_id from core.claims group by article_id
                having 2 * count(*) filter (
                    list_sort([reporter_code, partner_code]) = list_sort([$reporter, $partner])
                ) > count(*)
            ))
        order by list_position($order, verdict), published_on desc, claim_id
        """,
        order=WORST_FIRST,
    )


def list_sources(pair: Pair) -> list[dict[str, Any]]:
    """List the datasets of the answers, each with its newest vintage and how old that was at the publication."""
    named = sorted({vintage.snapshot_id for answer in pair.answers.values() for vintage in answer.vintages})
    return pair.query_rows(
        """
        select publisher, title, max(known_from) as known_from, arg_max(licence_name, known_from) as licence_name,
            arg_max(licence_url, known_from) as licence_url,
            date_diff('day', max(known_from), cast($day as date)) as age_days
        from meta.figure_sources
        where list_contains($named, snapshot_id)
        group by publisher, source, dataset, title
        order by max(known_from) desc, publisher, title
        """,
        named=named,
        day=pair.published_at.date(),
    )


def list_last_periods(pair: Pair) -> list[dict[str, Any]]:
    """List the last month and the last year held of the pair, as each side reports it."""
    return pair.query_rows(
        """
        select reporter_code, max(cast(year(period_start) as varchar)) filter (where frequency = 'A') as last_year,
            max(strftime(period_start, '%Y-%m')) filter (where frequency = 'M') as last_month
        from (
            select 'A' as frequency, reporter_code, partner_code, period_start from core.goods_trade_annual
            union all
            select 'M', reporter_code, partner_code, period_start from core.goods_trade_monthly
        )
        where (reporter_code = $reporter and partner_code = $partner)
            or (reporter_code = $partner and partner_code = $reporter)
        group by reporter_code
        order by reporter_code = $partner
        """
    )


def read_audit(pair: Pair) -> dict[str, Any]:
    """Return the audit in a line, and the rules that did not hold, those of no known cause first."""
    every = pair.query_rows(
        """
        select severity, status, table_name, check_name, unexpected_count, notes, known_cause as cause from meta.checks
        order by known_cause != '', table_name, check_name
        """
    )
    said = summarize_results((one["severity"], one["status"], one["cause"]) for one in every)
    return {"summary": said, "failed": [one for one in every if one["status"] != "passed"]}
