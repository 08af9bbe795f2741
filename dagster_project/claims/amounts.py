"""What each kind of number in a clause says: the claims that amounts, percentages, counts and places make.

Here: from a number to the slots of a claim. Not here: what belongs to it (`clause`), and what is said without a number
(`wording`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagster_project.claims.clause import Clause, is_korean
from dagster_project.claims.pairs import Sentence
from dagster_project.claims.periods import Span
from dagster_project.claims.spotting import Part
from dagster_project.metrics import catalogue

SHARES = {"exports": "export_share", "imports": "import_share", "total_trade": "trade_share"}
LEVELS = {"exports", "imports", "total_trade", "balance"}
PART_OF_A_MONTH = "is a part of a month, and no such figures are held"


def written(span: Span) -> str:
    return str(span).replace(" to ", "..")


class Amounts(Clause):
    """A clause with the claims that its numbers make."""

    def __init__(self, sentence: Sentence, parts: list[Part]) -> None:
        super().__init__(sentence, parts)
        self.found: list[tuple[int, dict[str, str], list[str]]] = []
        self.refused: list[tuple[int, str]] = []
        self.bases: list[Span] = []

    def claim(self, at: int, metric: str, says: str, comparator: str = "equals", *, unsure: Sequence[str] = (),
              base: bool = False, both: bool = False) -> None:  # fmt: skip
        """Add a claim: the slots that are the same for all kinds.

        Args:
            at: Where the number stands.
            metric: The metric.
            says: The value.
            comparator: How it compares.
            unsure: What is not certain of it.
            base: Whether it is of what the number is compared with.
            both: Whether the period before is the other one of two.
        """
        doubts = list(unsure)
        if not metric:
            self.refused.append((at, "what it counts is not said"))
            return
        pair = self.whose(at, metric, doubts)
        if self.sentence.source not in {"", pair.reporter}:
            doubts.append("the statistics that are named are another's")
        span, part = self.base_period(at, doubts) if base else self.when(at, doubts)
        known = catalogue.find(metric)
        if pair.reporter is None or (pair.partner is None and known is not None and known.has_partner):
            self.refused.append((at, f"{doubts[0] if doubts else 'no pair is named'}, so no figure stands beside it"))
            return
        if span is None:
            self.refused.append((at, "no period is named"))
            return
        if part is not None and not part.is_held:
            self.refused.append((at, f"{part.text!r} {PART_OF_A_MONTH}"))
            return
        if base:
            self.bases.append(span)
            self.take(*(n for n in [self.near(at, -1, "base", over=5)] if n is not None))
        period = written(span)
        has_moved = re.search(r"\b(?:fell|rose)\b.*\d", says) is not None
        if has_moved and (versus := [n for n in self.of("period") if self.is_versus(n)]):
            self.take(*versus, *(n + 1 for n in versus))
            earlier = self.parts[versus[0]].span
            if earlier is not None and earlier != span.before:
                period = f"{written(earlier)}->{period}"
        elif has_moved and span.frequency == "A" and span.count > 1:
            # Fell from 2018 to 2023.
            period = f"{span.start.year}->{span.end.year}"
        if self.parts[at].kind == "times" and self.bases:
            period = f"{written(self.bases[-1])}->{period}"
        if both:
            period = f"{written(span.before)}->{period}"
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        self.take(at)
        self.found.append((at, {name: value for name, value in slots.items() if value}, doubts))
        self.sentence.context.metric = metric if metric in LEVELS else self.sentence.context.metric

    def _money(self, at: int) -> None:
        one = self.parts[at]
        if one.unit not in {"USD", "CNY", "KRW"}:
            self.refused.append((at, f"no rate is held for {one.text}"))
            return
        before = self.parts[at - 1] if at else None
        if before is not None and before.text == "(" and at >= 2 and self.parts[at - 2].kind == "money":
            # The same amount in another currency.
            self.refused.append((at, "it repeats another amount in another currency"))
            return
        metric, side, unsure = self.topic(at)
        if metric in {"visitor_arrivals", "gdp_growth"}:
            self.refused.append((at, f"{metric} is no amount of money"))
            return
        topics = [n for n in self.of("metric") + self.of("side") if n < at]
        ranks = [n for n in self.of("rank") if n < at]
        if self.of("whole") or (ranks and not (topics and topics[-1] > ranks[-1])):
            unsure = [*unsure, "what the amount is of is not certain"]
        base = self.is_base(at)
        by = None if base else self.moved_by(at)
        hedge = self.hedge(at)
        after = self.parts[at + 1 : at + 3]
        is_difference = bool(after) and "move" in after[0] and not is_korean(after[0]) and not self.of_number(at + 2)
        if is_difference or (at and self.parts[at - 1].text.lower() == "or"):
            unsure = [*unsure, "whether it is an amount or a change is not said"]
        if base and (self.of("times") or any(one.text.lower() == "than" for one in self.parts[max(0, at - 3) : at])):
            unsure = [*unsure, "what it is compared with is not certain"]
        if by:
            if metric == "balance" and not side:
                unsure = [*unsure, "whether it is a deficit or a surplus is not said"]
            moved = f"{side} {'fell' if by == 'down' else 'rose'} by {hedge}{one.says}".strip()
            self.claim(at, metric, moved, unsure=unsure)
            return
        if metric == "balance" and not side and not one.says.startswith("-"):
            unsure = [*unsure, "whether it is a deficit or a surplus is not said"]
        self.claim(
            at, metric, f"{side} of {hedge}{one.says}" if side else f"{hedge}{one.says}", unsure=unsure, base=base
        )

    def _percent(self, at: int) -> None:
        one = self.parts[at]
        hedge = self.hedge(at)
        share = self.of("share")
        if share:
            self._share(at, hedge, share)
            return
        metric, side, unsure = self.topic(at)
        move = self.move(at)
        if metric in {"export_share", "import_share", "trade_share", "services_in_gdp", "gdp_share"}:
            self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at))
            return
        if metric == "gdp_growth":
            self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure)
            return
        if move is None:
            self.refused.append((at, "what it is per cent of is not said"))
            return
        if self.of("other_basis"):
            self.refused.append((at, "growth on another basis than the year before is not held"))
            return
        if metric == "balance" or side:
            unsure = [*unsure, "per cent of a balance depend on its sign"]
        self.claim(at, metric, f"{'fell' if move == 'down' else 'rose'} {hedge}{one.says}", unsure=unsure)

    def _share(self, at: int, hedge: str, share: list[int]) -> None:
        one = self.parts[at]
        self.take(*share)
        whole = self.of("whole")
        unsure: list[str] = []
        if any(self.parts[n]["whole"] == "services" for n in whole):
            self.take(*whole)
            metric = "services_in_gdp"
            if not any(self.parts[n]["whole"] == "gdp" for n in whole):
                unsure.append("of what it is a share is not said")
        else:
            known = [n for n in self.of("metric") if self.parts[n]["metric"] in SHARES.values()]
            if known:
                self.take(*known, *self.of("move"))
                unsure = ["which of several shares it is is not certain"] if len(known) > 1 else []
                self.claim(
                    at, self.parts[known[0]]["metric"], f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at)
                )
                return
            named = [n for n in self.of("metric") if self.parts[n]["metric"] in SHARES] or self.of("trade")
            kinds = {self.parts[n].senses.get("metric", "total_trade") for n in named}
            if not kinds:
                self.refused.append((at, "of what it is a share is not said"))
                return
            if len(kinds) > 1:
                unsure.append("of which flow it is a share is not certain")
            metric = SHARES[self.parts[named[-1]].senses.get("metric", "total_trade")]
            self.take(*named)
        beside = [n for step in (1, -1) if (n := self.near(at, step, "period", over=3)) is not None]
        several = [n for n in self.of("percent") if n != at and not self.is_base(n)]
        if several and not self.is_base(at) and not beside:
            unsure.append("which of several shares it is is not certain")
        moves = self.of("move")
        is_level = self.near(at, -1, "level", over=1) is not None or (
            at + 1 < len(self.parts) and self.parts[at + 1].senses.get("mark") == "after_to"
        )
        if moves and not is_level and not self.is_base(at) and not self.bases:
            # Grew 2 per cent, or to 2 per cent.
            unsure.append("whether it is a level or a change is not certain")
        self.take(*moves)
        self.claim(at, metric, f"{hedge}{one.says}", unsure=unsure, base=self.is_base(at))

    def _points(self, at: int) -> None:
        share, move = self.of("share"), self.move(at)
        kinds = [self.parts[n]["metric"] for n in self.of("metric") if self.parts[n]["metric"] in SHARES]
        if not share or not kinds or move is None:
            self.refused.append((at, "of what it is a change is not said"))
            return
        self.take(*share, *self.of("metric"))
        unsure = [] if len(set(kinds)) == 1 else ["of which flow it is a share is not certain"]
        self.claim(
            at, SHARES[kinds[-1]], f"{'fell' if move == 'down' else 'rose'} {self.parts[at].says}", unsure=unsure
        )

    def _count(self, at: int) -> None:
        if metric := self.of("metric"):
            named = {self.parts[n]["metric"] for n in metric}
            if named == {"visitor_arrivals"}:
                self.take(*metric)
                self.claim(at, "visitor_arrivals", f"{self.hedge(at)}{self.parts[at].says}", base=self.is_base(at))
        elif any(word in self.parts[at].text.lower() for word in ("tourist", "visitor", "travel")):
            self.claim(at, "visitor_arrivals", f"{self.hedge(at)}{self.parts[at].says}")

    def _times(self, at: int) -> None:
        metric, _, unsure = self.topic(at)
        unsure = unsure if self.bases else [*unsure, "against which period it is is not certain"]
        self.claim(at, metric, f"{self.hedge(at)}{self.parts[at].says}", unsure=unsure)

    def _nth(self, at: int) -> None:
        """A place: 22위."""
        if rank := self.of("rank"):
            self.take(*rank)
            self.claim(at, self.parts[rank[0]]["rank"], str(int(self.parts[at].number)))
