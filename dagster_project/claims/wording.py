"""What a clause says in words: records, ranks, firsts, rows, turns and events.

Here: the claims that need no number. Not here: those of numbers (`amounts`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagster_project.claims.amounts import LEVELS, Amounts


class Wording(Amounts):
    """A clause with the claims that its words make."""

    def _in_words(self, anchors: Sequence[int]) -> None:
        self._rank()
        self._record()
        self._largest()
        self._first()
        self._streak()
        self._each()
        self._turn()
        said = {n for n, _, _ in self.found} | {n for n, _ in self.refused}
        if not said:
            self._bare()
        elif not self.says_how_much():
            self._moved()

    def way(self, at: int) -> tuple[str, str, int | None]:
        """The metric and the word for which way it went that something is the first of."""
        sides = self.of("side")
        if sides:
            n = min(sides, key=lambda one: abs(one - at))
            self.take(n, *(k for k in self.of("metric") if self.parts[k]["metric"] == "balance"))
            return "balance", self.parts[n]["side"], n
        moves = self.of("move")
        if moves:
            n = min(moves, key=lambda one: abs(one - at))
            self.take(n)
            metric, _, _ = self.topic(at)
            return metric, "fell" if self.parts[n]["move"] == "down" else "rose", n
        other = [one["side"] for one in self.sentence.parts if "side" in one]
        return ("balance", other[-1], None) if other else ("", "", None)

    def _first(self) -> None:
        for n, one in enumerate(self.parts):
            is_first = "first" in one or one.senses.get("ordinal") == "1"
            length = next(
                (k for k in range(max(0, n - 4), min(len(self.parts), n + 10)) if self.parts[k].kind == "length"), None
            )
            after = [k for k in self.of("after") if length is not None and k == length + 1]
            since = [k for k in self.of("since") if abs(k - n) <= 6]
            if not is_first and not (after and n == length and not self.of("record") and not self.of("low")):
                # The highest in three years is no first one.
                continue
            if n in self.used and "first" in one:
                continue
            metric, way, _ = self.way(n)
            doubts = [] if way else ["the first of what it is is not certain"]
            self.take(n)
            period = next(
                (
                    k
                    for s in since
                    for k in (s + 1, s - 1)
                    if 0 <= k < len(self.parts) and self.parts[k].kind == "period"
                ),
                None,
            )
            is_long = length is not None and self.parts[length].unit in {"years", "months", "decades"}
            if is_long:
                self.take(*since, *([period] if period is not None else []))
            if not is_long and since and period is not None and (span := self.parts[period].span):
                self.take(*since, period)
                year = str(span.start)[: 4 if span.frequency == "A" else 7]
                self.claim(n, metric, f"{way} {year}".strip(), "first_since", unsure=doubts)
            elif is_long and length is not None:
                self.take(length, *after, *(k for k in self.of("first") if abs(k - length) < 4))
                hedge = "at least " if self.hedge(length).strip() in {"more than", "at least"} else ""
                number = f"{hedge}{int(self.parts[length].number)} {self.parts[length].unit}"
                self.claim(n, metric, f"{way} {number}".strip(), "first_in", unsure=doubts)
            elif ever := self.of("ever"):
                self.take(*ever)
                self.claim(n, metric, way, "first_ever", unsure=doubts)
            else:
                self.used.discard(n)
            return

    def _record(self) -> None:
        for n in self.of("record"):
            if self.near(n, 1, "move", over=2) is not None:
                # A record rise is no record.
                continue
            if self.of("low") or any(" by " in slots.get("says", "") and k - 4 < n < k for k, slots, _ in self.found):
                return
            place = next(
                (self.parts[k]["ordinal"] for k in (n - 1, n - 2) if k >= 0 and "ordinal" in self.parts[k]), ""
            )
            metric, side, unsure = self.topic(n)
            sides = self.of("side")
            if sides and metric != "balance" and abs(sides[0] - n) <= 3:
                metric, side = "balance", self.parts[sides[0]]["side"]
            elif sides and metric == "balance" and not side:
                side = self.parts[sides[0]]["side"]
            self.take(n, *self.of("largest"), *(k for k in self.of("ordinal") if place and abs(k - n) < 3))
            if metric == "balance" and not side:
                unsure = [*unsure, "a record of what it is is not said"]
            words = f"{place or ''} {side}".strip()
            self.claim(n, metric, words or "first", "record", unsure=unsure)
            return

    def _largest(self) -> None:
        """The highest since a month or a year, and a country's own largest, which may be that among partners."""
        for n in self.of("largest"):
            behind = self.parts[n + 1 : n + 5]
            since = next((n + 1 + k for k, one in enumerate(behind) if "since" in one), None)
            period = self.parts[since + 1] if since is not None and since + 2 <= len(self.parts) else None
            is_own = self.parts[n - 1].text.lower() == "its" and bool(behind) and "side" in behind[0]
            is_since = since is not None and period is not None and period.span is not None
            is_of_move = any("move" in one for one in self.parts[n : (since or n) + 1])
            if n in self.used or is_of_move or not (is_since or is_own):
                continue
            metric, side, unsure = self.topic(n)
            if len({self.parts[k].kind for k in self.of("money") + self.of("percent")}) > 1:
                unsure = [*unsure, "of which number it is the largest is not certain"]
            self.take(n)
            if is_since and since is not None and period is not None and period.span is not None:
                self.take(since, since + 1)
                at = str(period.span.start)[: 4 if period.span.frequency == "A" else 7]
                self.claim(n, metric, f"{side} {at}".strip(), "record_since", unsure=unsure)
            else:
                self.claim(
                    n, metric, side, "record", unsure=[*unsure, "whether it is the largest with all is not certain"]
                )

    def _rank(self) -> None:
        if any(self.parts[n].kind == "nth" for n in self.used):
            return
        for n in self.of("rank"):
            place = ""
            for k in range(max(0, n - 4), n):
                place = self.parts[k].senses.get("ordinal") or place or self.parts[k].senses.get("largest", "")
                if self.parts[k].kind == "nth":
                    place = str(int(self.parts[k].number))
            if not place:
                continue
            self.take(
                n, *(k for k in range(max(0, n - 4), n) if "ordinal" in self.parts[k] or "largest" in self.parts[k])
            )
            doubts = ["since when, or how often, is not read"] if self.of("since") or self.of("streak") else []
            other = {"import_rank": "exports", "export_rank": "imports"}.get(self.parts[n]["rank"])
            if any(self.parts[k]["metric"] == other for k in self.of("metric")):
                doubts.append("whose rank it is is not certain")
            self.claim(n, self.parts[n]["rank"], place, unsure=doubts)

    def _streak(self) -> None:
        for n in self.of("streak"):
            places = [k for k in (n - 1, n + 1, n - 2) if 0 <= k < len(self.parts)]
            counts = [k for k in places if self.parts[k].kind in {"nth", "length"} or "ordinal" in self.parts[k]]
            number = counts[0] if counts else None
            if number is None:
                continue
            one = self.parts[number]
            count = int(one["ordinal"]) if "ordinal" in one else int(one.number)
            metric, way, _ = self.way(n)
            units = [one.senses["unit"] for one in self.parts[n : n + 3] if "unit" in one]
            unit = one.unit if one.kind == "length" else (units or ["years"])[0]
            self.take(n, number)
            span, _ = self.when(n, [])
            doubts = [] if way else ["a row of what it is is not certain"]
            if span is None or (span.frequency == "A") != (unit == "years") or span.count != 1:
                doubts.append("from when to when the row goes is not said")
            self.claim(n, metric, f"{count} {way}".strip(), "streak", unsure=doubts)
            return

    def _each(self) -> None:
        for n in self.of("each"):
            metric, way, _ = self.way(n)
            if metric == "balance" and way:
                self.take(n)
                self.claim(n, metric, way, "each")

    def _turn(self) -> None:
        for n in self.of("turn"):
            if sides := self.of("side"):
                self.take(n, *sides, *(k for k in self.of("metric") if self.parts[k]["metric"] == "balance"))
                self.claim(n, "balance", "", "sign_change", both=True)
                last = sides[-1] if sides[-1] > n else sides[0]
                if all(abs(last - k) > 3 for k, _, _ in self.found if k != n):
                    self.claim(last, "balance", self.parts[last]["side"])
                return

    def _bare(self) -> None:
        """A deficit, or a rise, that is said without a number."""
        sides, moves = self.of("side"), self.of("move")
        if not self.of("period") or not (sides or moves) or self.of("low") or self.of("record"):
            return
        if not any({"economy", "toward", "both"} & one.senses.keys() for one in self.parts):
            return
        if moves:
            self._moved()
        else:
            self.take(*sides)
            self.claim(sides[0], "balance", self.parts[sides[0]]["side"])

    def _moved(self) -> None:
        moves = self.of("move")
        if len(moves) != 1:
            return
        n = moves[0]
        if any(
            k
            for k, slots, _ in self.found
            if slots["comparator"] in {"first_since", "first_in", "streak", "first_ever"}
        ):
            return
        metric, _, unsure = self.topic(n)
        span, _ = self.when(n, [])
        if any(span is None or base != span.before for base in self.bases):
            # Two amounts say that it moved, and since when.
            self.take(n)
            return
        if metric not in LEVELS:
            return
        if not self.bases and len({str(self.parts[k].span) for k in self.of("period")}) > 1:
            unsure = [*unsure, "which of several periods it is of is not certain"]
        word = "fell" if self.parts[n]["move"] == "down" else "rose"
        if degree := self.of("degree"):
            unsure = [*unsure, f"how much {self.parts[degree[0]].text} is is not said"]
        if metric == "balance":
            sides = self.of("side")
            if len(sides) != 1:
                return
            self.take(n)
            self.claim(n, metric, f"{self.parts[sides[0]]['side']} {word}", unsure=unsure, both=True)
        else:
            self.take(n)
            self.claim(n, metric, word, unsure=unsure)

    def _event(self) -> None:
        events, stages = self.of("event"), self.of("stage")
        if not events or not stages or not self.of("period"):
            return
        periods = sorted(self.of("period"), key=lambda n: abs(n - stages[-1]))[:1]
        part = self.parts[periods[0]]
        assert part.span is not None
        code, stage = self.parts[events[0]]["event"], self.parts[stages[-1]]["stage"]
        says = str(part.span)
        is_one = len({self.parts[n]["event"] for n in events}) == len({self.parts[n]["stage"] for n in stages}) == 1
        doubts = [] if is_one and len(self.of("period")) == 1 else ["which of several dates it is is not certain"]
        if not part.is_day and (part.span.count != 1 or not part.is_held):
            return
        name = self.parts[events[0]].text.lower()
        if code == "E005" and not re.search(r"[가-힣一-鿿]", name) and not ("korea" in name and "china" in name):
            # A free-trade agreement is with somebody.
            codes = {one["economy"] for one in self.sentence.parts if "economy" in one}
            asked = self.sentence.context.pair
            if not (
                {"KOR", "CHN"} <= codes or (not codes and asked and {asked.reporter, asked.partner} == {"KOR", "CHN"})
            ):
                doubts.append("with whom it was is not said")
        self.take(*events, *stages, *periods, *self.of("economy"), *self.of("both"), *self.of("pair"))
        slots = {"metric": "event_date", "item": f"{code}.{stage}", "comparator": "equals", "says": says}
        self.found.append((periods[0], slots, doubts))

    def says_how_much(self) -> bool:
        """Whether a claim says by how much something moved."""
        return any("percent" in slots.get("says", "") or " by " in slots.get("says", "") for _, slots, _ in self.found)
