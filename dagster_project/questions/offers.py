"""Describe how to fetch the figures of a gap: the commands, the API keys, and the settings of `bilateral.toml`.

Here: finding the sources and writing the text. Not here: the figures that each source offers (`sources`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dagster_project.questions.series import ALL_PARTNERS, OTHERS, Gap, Series
from dagster_project.questions.wording import join_words
from dagster_project.sources import Offer, Source, list_sources


def describe_offers(gap: Gap, pair: tuple[str, str]) -> str:
    """Describe the settings and commands that would fetch a gap's figures; `pair` is in the user's order."""
    offers = list(_find_offers(gap))
    if not offers:
        return "No source of `bilateral refresh` has these figures."
    commands: dict[str, dict[str, str]] = {}  # by domain and source
    needs: dict[str, dict[str, None]] = {}
    for source, one, offer in offers:
        commands.setdefault(offer.domain, {})[source.code] = _name_command(source)
        for need in _list_needs(offer, one, gap):
            needs.setdefault(source.code, {})[need] = None
    reporters = list(dict.fromkeys(one.reporter for one in gap.series))
    both = [(one.reporter, one.partner) for one in gap.series if one.partner not in {"", *ALL_PARTNERS}]
    settings = ["world = true"] if any(one.partner == OTHERS for one in gap.series) else []
    if not both and not settings:
        if set(reporters) <= set(pair):
            both = [pair]
        else:
            settings = [f"a pair with {join_words(reporters)}"]
    # A refresh fetches both economies' statistics of a pair, so its order does not matter.
    pairs = dict.fromkeys(" ".join(pair if set(pair) == set(two) else two) for two in both)
    alike: dict[str, list[str]] = {}
    for code, found in needs.items():
        alike.setdefault(join_words(found), []).append(f"[{code}]")
    # No semicolon: a template that quotes this text would end a clause at it.
    settings += [f"{needed} under {join_words(codes)}" for needed, codes in alike.items()]
    steps = [f"run {' and '.join(f'`bilateral pairs add {one}`' for one in pairs)}"] if pairs else []
    steps += [f"add {', and '.join(settings)} in bilateral.toml"] if settings else []
    ways = [f"{join_words(some.values(), 'or')} for {domain}" for domain, some in sorted(commands.items())]
    if len(ways) == 1:
        (some,) = commands.values()
        serves_all = all(len({one for of, one, _ in offers if of.code == code}) == len(gap.series) for code in some)
        which, word = ("", "or") if serves_all or len(some) == 1 else ("one or more of ", "and")
        ways = [f"{which}{join_words(some.values(), word)}"]
    return f"To fetch more figures, {', and '.join(steps)}. Then run {', and '.join(ways)}."


def _find_offers(gap: Gap) -> Iterator[tuple[Source, Series, Offer]]:
    """Yield each source that can fetch a series of a gap, with the series; sources without API keys come first."""
    for source in sorted(list_sources(), key=lambda source: source.api is not None and source.api.key is not None):
        for offer in filter(None, (dataset.offer for dataset in source.datasets)):
            for one in gap.series:
                # All partners can only be fetched with `world = true`, never as pairs.
                if (offer.has_world or one.partner != OTHERS) and _is_offered(offer, one, gap):
                    yield source, one, offer


def _is_offered(offer: Offer, series: Series, gap: Gap) -> bool:
    return (
        offer.domain == series.domain
        # A year can be added up from its months.
        and (series.frequency == "A" or series.frequency in offer.frequencies)
        and (not offer.reporters or series.reporter in offer.reporters)
        and (not offer.partners or series.partner in offer.partners)
        and (not series.flows or bool(set(series.flows) & set(offer.flows)))
        and any(re.fullmatch(item, series.item) for item in offer.items)
        and not (offer.is_earliest and max(gap.years, default=offer.since) < offer.since)
    )


def _name_command(source: Source) -> str:
    key = source.api.key if source.api else None
    note = "no API key needed"
    if key is not None:
        note = f"{'needs' if key.required else 'fewer figures without'} the API key {source.key_variable}"
    return f"`bilateral refresh {source.code}` ({note})"


def _list_needs(offer: Offer, series: Series, gap: Gap) -> Iterator[str]:
    """List the settings that a source's table in `bilateral.toml` needs to fetch a series."""
    needed = next(need for item, need in offer.items.items() if re.fullmatch(item, series.item))
    if needed:
        patterns = [item for item, need in offer.items.items() if need == needed]
        alike = dict.fromkeys(one.item for one in gap.series if any(re.fullmatch(p, one.item) for p in patterns))
        # AG6 has the other products, too.
        code = "the code AG6 (every six-digit product)"
        written = code if "AG6" in alike else needed.format(item=", ".join(alike))
        yield written.replace("products", "product") if "".join(alike).isdigit() and len(alike) == 1 else written
    if offer.setting:
        yield offer.setting
    first = min(gap.years, default=offer.since)
    if first < offer.since and not offer.is_earliest:
        yield f"first_year = {first}"
