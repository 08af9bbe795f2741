"""This project's own register: facts that stand in prose and nowhere else.

Here: policy events in stages and figures as printed, each with its source, and the closed lists they are written in.
Not here: trade statistics; a printed figure is never mixed into them.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

EVENT_CLASSES = (
    "administrative",
    "border_measure",
    "diplomatic",
    "export_control",
    "import_ban",
    "informal_restriction",
    "multilateral_accession",
    "safeguard",
    "sanction",
    "security_shock",
    "subsidy",
    "tariff",
    "trade_agreement",
)

STAGES = (
    "amended",
    "announced",
    "approved",
    "concluded",
    "implemented",
    "in_force",
    "negotiation",
    "partial",
    "removed",
    "signed",
    "suspended",
)

METRICS = (
    "current_account_balance",
    "goods_balance",
    "goods_exports",
    "goods_imports",
    "goods_total_trade",
    "intermediate_goods_balance",
    "intermediate_share_of_imports",
    "services_balance",
    "share_of_imports",
    "travel_balance",
    "yoy_growth",
)

POLICY_EVENT_STAGES = Dataset(
    source="register",
    name="policy_event_stages",
    title="Policy events that touch the trade of Korea, China and their partners, stage by stage",
    columns=(
        Column("event_id", "text", "The event; its stages share it."),
        Column("title", "text", "What the event is."),
        Column("stage_title", "text", "What happened at this stage."),
        Column("event_class", "text", "The kind of measure at this stage.", values=EVENT_CLASSES),
        Column("implementing", "text", "Who acted: ISO 3166 alpha-3 codes between semicolons."),
        Column("affected", "text", "Whom it touches: ISO 3166 alpha-3 codes between semicolons, WLD for all."),
        Column("stage", "text", "Where the measure stands.", values=STAGES),
        Column("event_date", "date", "The date, as exact as its source gives it."),
        Column("date_precision", "text", "How exact the date is.", values=("day", "month", "year")),
        Column("evaluation", "text", "Liberalising, unclear or restrictive.", values=("green", "amber", "red")),
        Column("scope", "text", "What it covers: codes between semicolons."),
        Column("source_urls", "text", "Where it is documented: addresses between vertical bars."),
        Column("note", "text", "What the sources leave open.", required=False),
    ),
    key=("event_id", "stage", "event_date"),
)

PUBLISHED_FIGURES = Dataset(
    source="register",
    name="published_figures",
    title="Figures as printed in releases and articles",
    columns=(
        Column("figure_id", "text", "The figure."),
        Column("metric", "text", "What is measured.", values=METRICS),
        Column("reporter_code", "text", "Whose statistics these are, as an ISO 3166 alpha-3 code."),
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code, or WLD."),
        Column("flow", "text", "The flow, if the metric leaves it open.", required=False, values=("export", "import")),
        Column("period_start", "date", "The first day of the period."),
        Column("period_end", "date", "The last day of the period."),
        Column("value", "number", "The value in full units, with the reporter's sign."),
        Column("unit", "text", "The unit of the value.", values=("%", "CNY", "USD")),
        Column("precision", "integer", "Decimals as printed, in the unit printed.", minimum=0, maximum=9),
        Column("as_printed", "text", "The number and unit as printed."),
        Column("publisher", "text", "Whose figure it is, and who printed it."),
        Column("published_on", "date", "When it was printed, as exact as is known.", required=False),
        Column("url", "text", "Where it was printed.", required=False),
        Column("note", "text", "What a reader must know.", required=False),
    ),
    key=("figure_id",),
)

SOURCE = Source(
    code="register",
    title="Bilateral's register of events and printed figures",
    publisher="Bilateral",
    homepage="docs/sources/register.md",
    datasets=(POLICY_EVENT_STAGES, PUBLISHED_FIGURES),
)
