"""Analyse policy events: build the rows of `policy_event_effects`, one for each stage, series and design.

Here: the columns, the rows, and the loop over all stages and agreements. Not here: a single estimate (`estimates`), and
the series that an event could move (`stages`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

import duckdb

from dagster_project.analysis import effects, load_analyses, read_columns, read_kept_rows, stages
from dagster_project.analysis.effects import Test
from dagster_project.analysis.estimates import PRIMARY, Estimate, NoEstimate, estimate_effect
from dagster_project.analysis.panels import Panels, read_panels
from dagster_project.analysis.periods import get_first_day
from dagster_project.analysis.series import get_periods, round_digits, to_percent
from dagster_project.analysis.stages import Key, Stage
from dagster_project.project import Project

COLUMNS = read_columns("policy_event_effects")


def make_rows(
    panels: Panels,
    asked: Sequence[Stage],
    among: Sequence[Stage],
    hashes: Mapping[tuple[Stage, Key], str] = MappingProxyType({}),
    kept: Mapping[str, Sequence[Sequence[Any]]] = MappingProxyType({}),
) -> Iterator[dict[str, Any]]:
    """Yield the rows of the stages in `asked`: for each series one row per design, the declared design first.

    Args:
        panels: The series.
        asked: The stages.
        among: All stages, to find those that overlap.
        hashes: A hash of the inputs of each estimate, by stage and series.
        kept: The rows of earlier estimates by this hash; they are not computed again.
    """
    first: dict[tuple[str, Key, int], Stage] = {}
    for stage in sorted(asked, key=lambda one: (not one.is_in_effect, one.day, one.stage)):
        for key in _list_available_series(stage, panels):
            first.setdefault((stage.event_id, key, stage.get_first_period(key.frequency)), stage)
    for stage in asked:
        head = {"event_id": stage.event_id, "stage": stage.stage, "event_date": stage.day}
        for name, refusal in _list_missing_series(stage, panels):
            yield from _make_answer_rows(head, name, None, None, Estimate(refusal))
        for key in _list_available_series(stage, panels):
            cut = stage.get_first_period(key.frequency)
            same = first[stage.event_id, key, cut]
            inputs = hashes.get((stage, key)) if same is stage else None
            if inputs is not None and inputs in kept:
                yield from (dict(zip(COLUMNS, row, strict=True)) for row in kept[inputs])
                continue
            if same is stage:
                answer = estimate_effect(stage, key, panels, among)
            else:
                reason = f"The estimate of the stage {same.stage} {same.day} uses the same figures and periods."
                answer = Estimate(NoEstimate("repeats", reason))
            caveat = panels.caveats.get(key)
            yield from _make_answer_rows(head | {"input_hash": inputs}, key.name, key, cut, answer, caveat)


def hash_inputs(panels: Panels, among: Sequence[Stage], code: str) -> dict[tuple[Stage, Key], str]:
    """Hash the inputs of each estimate: the code, all stages and economies, and all series of the same `Key.kind`."""
    # In a set the order of texts differs from process to process.
    measures = [
        asdict(one) | {"implementing": sorted(one.implementing), "affected": sorted(one.affected)} for one in among
    ]
    shared = hashlib.sha256(repr((code, measures, sorted(panels.described.items()))).encode())
    kinds: dict[tuple[str, ...], str] = {}
    for kind, keys in panels.kinds.items():
        digest = shared.copy()
        for key in keys:
            series = panels.series[key]
            digest.update(f"{key.name} {panels.caveats.get(key)} ".encode())
            digest.update(get_periods(series).asi8.tobytes() + series.to_numpy().tobytes())
        kinds[kind] = digest.hexdigest()
    return {
        (stage, key): hashlib.sha256(
            repr((kinds[key.kind], stage.event_id, stage.stage, stage.day, key)).encode()
        ).hexdigest()[:16]
        for stage in among
        for key in _list_available_series(stage, panels)
    }


def _list_available_series(stage: Stage, panels: Panels) -> list[Key]:
    return [key for _, keys in stage.list_series() for key in keys if key in panels.series]


def _list_missing_series(stage: Stage, panels: Panels) -> Iterator[tuple[str, NoEstimate]]:
    """Yield each part of a stage's scope that cannot be estimated, with the reason."""
    for word in stage.scope:
        if not stages.list_targets(word):
            yield f"scope/{word}", NoEstimate("scope_not_measurable", f"There are no figures on {word}.")
    if not stage.list_routes():
        yield "pair/none", NoEstimate("no_series", "It affects every partner alike, so none is left to compare with.")
    for name, keys in stage.list_series():
        if not any(key in panels.series for key in keys):
            domain, exporter, importer, product = name.split("/")
            yield (
                name,
                NoEstimate("no_series", f"There are no figures on {domain} {product} from {exporter} to {importer}."),
            )


def _make_answer_rows(
    head: Mapping[str, Any], name: str, key: Key | None, cut: int | None, answer: Estimate, caveat: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of an estimate: one for the declared design, then one for each result of the other designs."""
    described: dict[str, Any] = {**head, "series": name}
    design, year = None, 1
    if key is not None and cut is not None:
        year = 12 // effects.count_seasons(key.frequency)
        design = PRIMARY[key.frequency]
        described |= {
            "domain": key.domain,
            "frequency": key.frequency,
            "reporter_code": key.reporter,
            "partner_code": key.partner,
            "flow": key.flow,
            "product_code": key.product,
            "effect_from": get_first_day(cut * year),
        }
    yield {
        **described,
        "is_primary": True,
        "method": design.method if design else "none",
        "window_months": design.window * year if design else 0,
        "base_months": design.base * year if design else 0,
        "status": answer.status,
        "reason": " ".join(filter(None, (answer.refusal.reason if answer.refusal else answer.note, caveat))) or None,
        "n_donors": len(answer.donors) or None,
        "donors": ", ".join(answer.donors) or None,
        "other_event_ids": ", ".join(answer.events) or None,
        **(_describe_numbers(answer) if answer.finding else {}),
    }
    for other in answer.others:
        yield {
            **described,
            "is_primary": False,
            "method": other.design.method,
            "window_months": other.design.window * year,
            "base_months": other.design.base * year,
            "left_out_code": other.left_out or "none",
            "estimate_pct": round_digits(to_percent(other.change)),
            **({} if other.test is None else _describe_rank(other.test)),
        }


def _describe_rank(test: Test) -> dict[str, Any]:
    return {
        "placebo_rank": test.rank,
        "placebo_count": test.placebos,
        "placebo_p_value": round_digits(test.rank / (test.placebos + 1), 4),
        "conclusion": test.conclusion,
    }


def _describe_numbers(answer: Estimate) -> dict[str, Any]:
    """Return the numbers of a finding by column; if the estimate is rejected, only the numbers of its checks."""
    found = answer.finding
    assert found is not None
    test = found.test
    without = {column: other.change for column, other in found.without.items()}
    most = max(without, key=lambda column: abs(without[column] - test.change))
    names = dict(zip(without, answer.donors, strict=True))
    others = [other.change for other in answer.others]
    numbers = {
        "own_change_pct": round_digits(to_percent(answer.own or 0.0)),
        "donor_change_pct": round_digits(to_percent((answer.own or 0.0) - test.change)),
        "attainable_level_pct": round_digits(100 * test.attainable, 4),
        "pre_period_count": found.earlier,
        "pre_period_fit_pct": round_digits(100 * test.scale),
        "designs_low_pct": round_digits(to_percent(min(others))),
        "designs_high_pct": round_digits(to_percent(max(others))),
        "design_count": len(others),
        "leave_one_out_low_pct": round_digits(to_percent(min(without.values()))),
        "leave_one_out_high_pct": round_digits(to_percent(max(without.values()))),
        "most_influential_donor_code": names[most],
        "estimate_without_it_pct": round_digits(to_percent(without[most])),
        **{
            f"power_of_{100 * fall:.0f}_pct": round_digits(100 * chance, 4)
            for fall, chance in zip(effects.PLANTED, found.power, strict=True)
        },
        # Stated if all versions of the test agree on it, even if the sign of an insignificant number is uncertain.
        "conclusion": found.conclusion,
    }
    if answer.refusal is not None:
        return numbers
    reach = test.critical * test.scale
    return numbers | {
        "estimate_pct": round_digits(to_percent(test.change)),
        "ci_low_pct": round_digits(to_percent(test.change - reach)) if test.critical < float("inf") else None,
        "ci_high_pct": round_digits(to_percent(test.change + reach)) if test.critical < float("inf") else None,
        "ci_level_pct": round_digits(100 * (1 - test.attainable), 4) if test.critical < float("inf") else None,
        **_describe_rank(test),
        "conclusion": found.conclusion,
        "time_placebo_rank": found.in_time[0],
        "time_placebo_count": found.in_time[1],
    }


def set_q_values(found: Sequence[dict[str, Any]]) -> None:
    """Set the q-value of each test; an estimate with too few placebos is not a test.

    A hypothesis is that a series changed from a certain period on. If several events test the same hypothesis, each
    with its own placebos, the largest of their p-values counts.
    """
    tested = [row for row in found if row.get("status") == "estimated" and row["conclusion"] != "untestable"]
    tested.sort(key=lambda row: row["placebo_p_value"])
    p_values = {(row["series"], row["effect_from"]): row["placebo_p_value"] for row in tested}
    q_values = dict(zip(p_values, effects.compute_q_values(list(p_values.values())), strict=True))
    for row in tested:
        q_value = q_values[row["series"], row["effect_from"]]
        row |= {"q_value": round_digits(q_value, 4), "hypothesis_count": len(q_values)}


def compute_rows(connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `policy_event_effects`: for each stage (of events and agreements), each series, each design.

    Effects on series that have not changed since an earlier build are not estimated again.
    """
    events, agreed = stages.read_registered(connection), stages.read_agreements(connection)
    among = [*events, *agreed]
    panels = read_panels(connection, among)
    hashes = hash_inputs(panels, among, load_analyses(project)["policy_event_effects"].fingerprint)
    kept = read_kept_rows(connection, project, "policy_event_effects", hashes.values())
    found = [
        *make_rows(panels, events, events, hashes, kept),
        *make_rows(panels, agreed, among, hashes, kept),
    ]
    set_q_values(found)
    yield from ([row.get(column) for column in COLUMNS] for row in found)
