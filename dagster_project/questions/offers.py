"""What would bring the figures of a gap: which refresh, with which key, and what `bilateral.toml` has to say for it.

Here: finding and wording that. Not here: what a refresh brings, which each source declares (`sources`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagster_project.questions.series import ALL_PARTNERS, OTHERS, Gap, Series
from dagster_project.questions.wording import join_words
from dagster_project.sources import Brings, Source, list_sources


def describe_offers(gap: Gap, pair: tuple[str, str]) -> str:
    """Describe what would bring a gap's figures, as the sources declare it.

    Args:
        gap: The gap.
        pair: The pair that was asked about, which is written as it was asked.
    """
    offers = list(_find_offers(gap))
    if not offers:
        return "No source that `bilateral refresh` asks has it."
    commands: dict[str, str] = {}
    needs: dict[str, dict[str, None]] = {}
    for source, one, brings in offers:
        commands.setdefault(source.code, _name_command(source, brings, several=len({s.domain for s in gap.series}) > 1))
        for need in _list_needs(brings, one, gap):
            needs.setdefault(source.code, {})[need] = None
    both = [(one.reporter, one.partner) for one in gap.series if one.partner not in {"", *ALL_PARTNERS}]
    # Each economy of a pair is asked about the other, so that the order does not matter.
    pairs = dict.fromkeys("-".join(pair if set(pair) == set(two) else two) for two in both)
    if pairs:
        asked = f"the pair{'s' if len(pairs) > 1 else ''} {join_words(pairs)}"
    else:
        asked = f"{join_words(dict.fromkeys(one.reporter for one in gap.series))} in a pair"
    wide = dict.fromkeys(source.code for source, _, brings in offers if brings.has_world)
    if wide and not pairs and any(one.partner == OTHERS for one in gap.series):
        asked = f"world = true for {join_words(wide)}"
    elif wide:
        asked += f" (or{'' if len(wide) == len(commands) else f' for {join_words(wide)}'} world = true)"
    alike: dict[str, list[str]] = {}
    for code, found in needs.items():
        alike.setdefault(join_words(found), []).append(f"[{code}]")
    under = [f"under {join_words(codes)} {needed}" for needed, codes in alike.items()]
    return f"{join_words(commands.values(), 'or')} brings it. bilateral.toml needs {join_words([asked, *under])}."


def _find_offers(gap: Gap) -> Iterator[tuple[Source, Series, Brings]]:
    """Find which source brings which series of a gap, those without a key first."""
    for source in sorted(list_sources(), key=lambda source: source.api is not None and source.api.key is not None):
        for brings in filter(None, (dataset.brings for dataset in source.datasets)):
            for one in gap.series:
                # Nobody lists all partners as pairs.
                if (brings.has_world or one.partner != OTHERS) and _is_brought(brings, one, gap):
                    yield source, one, brings


def _is_brought(brings: Brings, series: Series, gap: Gap) -> bool:
    return (
        brings.domain == series.domain
        # Twelve months are a year.
        and (series.frequency == "A" or series.frequency in brings.frequencies)
        and (not brings.reporters or series.reporter in brings.reporters)
        and (not brings.partners or series.partner in brings.partners)
        and (not series.flows or bool(set(series.flows) & set(brings.flows)))
        and any(re.fullmatch(item, series.item) for item in brings.items)
        and not (brings.is_earliest and max(gap.years, default=brings.since) < brings.since)
    )


def _name_command(source: Source, brings: Brings, *, several: bool) -> str:
    key = source.api.key if source.api else None
    note = "no key"
    if key is not None:
        note = source.key_variable if key.required else f"{source.key_variable}, or less without it"
    if brings.frequencies == ("M",):
        note += ", by month"
    return f"`bilateral refresh {source.code}` ({note}){f' for {brings.domain}' if several else ''}"


def _list_needs(brings: Brings, series: Series, gap: Gap) -> Iterator[str]:
    """List what a source's part of `bilateral.toml` has to say."""
    needed = next(need for item, need in brings.items.items() if re.fullmatch(item, series.item))
    if needed:
        patterns = [item for item, need in brings.items.items() if need == needed]
        alike = dict.fromkeys(one.item for one in gap.series if any(re.fullmatch(p, one.item) for p in patterns))
        yield needed.format(item=", ".join(alike))
    if brings.setting:
        yield brings.setting
    first = min(gap.years, default=brings.since)
    if first < brings.since and not brings.is_earliest:
        yield f"first_year = {first}"
