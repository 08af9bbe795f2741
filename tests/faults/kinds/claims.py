"""Hostile claims: published figures with a wrong amount, half of them with noise that belongs in no claim.

Here: making them from figures that are published, by a seed. Not here: newspaper sentences (`benchmarks/claims`).
"""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

from dagster_project.catalog import Catalog
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import judge_row
from dagster_project.claims.verdicts import SUPPORTED
from dagster_project.errors import BilateralError
from dagster_project.publication import open_published
from tests.faults.kind import Kind, Tally, cause_of, find_built

FIGURES = """
    select reporter_code, partner_code, reporters.name, partners.name, year, exports_usd, imports_usd, balance_usd
    from marts.trade_balance_annual
    inner join core.economies as reporters on reporter_code = reporters.economy_code
    inner join core.economies as partners on partner_code = partners.economy_code
    where reporter_code in ('KOR', 'CHN', 'JPN', 'USA') and year >= 2000 and balance_sign is not null
        and abs(balance_usd) > 2e9 order by all
"""
WORDS = {
    "exports": "exports to {partner}",
    "imports": "imports from {partner}",
    "balance": "goods balance with {partner}",
}
NOISE = (
    *(
        "\x00",
        "\u202e",
        "\ufeff",
        "\uff11\uff12\uff13",
        "'; drop table x; --",
        "{{ 7*7 }}",
        "%s%n",
        "\\",
        "$" * 40,
        "-" * 5000,
        "🙂",
    ),
    *("9" * 400, "1e999", "-0", "NaN", "∞", "٣", "\n\n", "\t", "<script>", "(((((", "a" * 3000, "= = =", "2023 " * 300),
)


def make_claim(chance: random.Random, row: tuple[object, ...]) -> str:
    """Makes a claim that no figure supports from a row of figures."""
    reporter, partner, whose, whom, year, *values = row
    metric = chance.choice(list(WORDS))
    value = float(str(values[list(WORDS).index(metric)]))
    # Further from the figure, and from either side's, than rounding or another reading goes.
    wrong = abs(value) * chance.choice((3.7, 7.3, 23, 1e3, 1e-3))
    sign = "-" if metric == "balance" and value > 0 else ""
    amount = f"{sign}${wrong / 1e9:.6g} billion"
    if chance.random() < 0.5:
        return f"{metric} {reporter} {partner} {year} = {amount}"
    said = WORDS[metric].format(partner=whom)
    return f"{whose}'s {said} {chance.choice(('was', 'reached', 'stood at'))} {amount} in {year}."


def spoil(chance: random.Random, text: str) -> str:
    """Puts something into a text that belongs in none."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(NOISE) + text[at:]
    return text


def round_of(seed: int, cases: int, _folder: Path, tally: Tally) -> None:
    chance, where = random.Random(seed), find_built()
    with open_published(where) as connection:
        figures = connection.execute(FIGURES).fetchall()
        evaluator = Evaluator(connection, Catalog(where).models)
        for _ in range(cases):
            text = make_claim(chance, chance.choice(figures))
            text = spoil(chance, text) if chance.random() < 0.5 else text
            with tally.case():
                try:
                    judged = judge_row(evaluator, {"claim": text}, "the claim", date(2026, 11, 29))
                except BilateralError:
                    tally.outcomes["refused"] += 1
                except Exception as error:  # noqa: BLE001 - that is what is looked for
                    tally.fail(seed, cause_of(error), text)
                else:
                    verdicts = {record["verdict"] for record, _ in judged}
                    tally.outcomes[", ".join(sorted(map(str, verdicts)))] += 1
                    if verdicts & set(SUPPORTED):
                        tally.fail(seed, "supported", text)


KIND = Kind(
    name="claims",
    what="Claims with a wrong amount of published figures, half with control characters, code or noise in them.",
    goal="None is supported; each has another verdict or is refused.",
    round=round_of,
    cases=150,
)
