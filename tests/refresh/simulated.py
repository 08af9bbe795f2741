"""Four publishers that live for years: they release, revise, withdraw, fall silent, and every figure that they served
is remembered with the day from which it was known.

Here: their figures, the changes of a month, their answers, and the truth (`Truth`): for each figure the values that
were served, each with its day. Not here: the refresh and the warehouse that are compared with it (`test_two_years`).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.refresh.publishers import bok, imf, kcs, worldbank
from tests.refresh.server import Received, Reply

XML = {"Content-Type": "application/xml"}
JSON = {"Content-Type": "application/json"}
ISO2 = {"MNG": "MN", "KAZ": "KZ", "UZB": "UZ"}
FLOWS = {"XG_FOB_USD": "export", "MG_CIF_USD": "import"}
SERVICES = {"REG2100": "export", "REG2200": "import"}


class Figure(NamedTuple):
    """The key of a figure, in the terms of the warehouse's tables."""

    dataset: str
    reporter: str
    partner: str
    flow: str
    item: str
    frequency: str
    start: date


class Known(NamedTuple):
    """A value that was served, and the day from which it was known; None if it was withdrawn."""

    day: date
    value: float | None


@dataclass
class Truth:
    """Everything that was served: for each figure its values, each with its day."""

    figures: dict[Figure, list[Known]] = field(default_factory=dict)
    _asked: dict[tuple[str, ...], date] = field(default_factory=dict)

    def served(
        self,
        subject: tuple[str, ...],
        listed: Mapping[Figure, float],
        about: Callable[[Figure], bool],
        today: date,
        released: date | None = None,
    ) -> None:
        """Record a whole answer: the figures that it lists, and that all other figures it is about are missing."""
        asked = self._asked.get(subject)
        day = released if released is not None and (asked is None or asked < released) else today
        for figure in {*listed, *(one for one in self.figures if about(one))}:
            value = listed.get(figure)
            known = self.figures.setdefault(figure, [])
            if (known[-1].value if known else None) != value:
                known.append(Known(day, value))
        self._asked[subject] = today
        self.figures = {figure: known for figure, known in self.figures.items() if known}

    def as_of(self, day: date) -> dict[Figure, float | None]:
        """Return every figure as it was known at the end of a day."""
        found = {}
        for figure, known in self.figures.items():
            if until := [one for one in known if one.day <= day]:
                found[figure] = until[-1].value
        return found


@dataclass
class World:
    """The publishers: their figures today, and their answers.

    Args:
        seed: The seed of all random choices.
        today: The day.
        now: Returns the time.
    """

    seed: int
    now: Callable[[], datetime]
    truth: Truth = field(default_factory=Truth)
    held: dict[Figure, float] = field(default_factory=dict)
    # When each publisher that says so released last.
    released: dict[str, date] = field(default_factory=dict)
    key: str = "first-key"
    is_out: bool = False
    cuts: bool = False
    # A figure that is listed a thousandfold by mistake. The truth has it as it is held.
    thousandfold: Figure | None = None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret

    @property
    def today(self) -> date:
        return self.now().date()

    # What they hold.

    def release(self, figure: Figure) -> None:
        """Add a new figure, of about the size of its series."""
        size = random.Random(f"{self.seed} {figure[:6]}").uniform(0.8, 1.2) * _size(figure)  # noqa: S311
        self.put(figure, size * self.chance.uniform(0.9, 1.1))

    def put(self, figure: Figure, value: float) -> None:
        digits = 6 if figure.dataset == "worldbank/wdi" else 0
        self.held[figure] = round(value, digits) if figure.dataset != "bok/services_annual" else round(value, -6)

    def series(self, *place: str) -> list[Figure]:
        """List the current figures of a dataset; more parts of the key narrow the list."""
        return sorted(one for one in self.held if one[: len(place)] == place)

    # How they answer.

    def answer(self, received: Received) -> Reply:
        address = urlsplit(received.target)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path.startswith("/imf/"):
            return self._imf(address.path, query)
        if address.path.startswith("/kcs/"):
            return self._kcs(address.path, query)
        if address.path.startswith("/bok/"):
            return self._bok(address.path)
        return self._worldbank(address.path, query)

    def _imf(self, path: str, query: Mapping[str, str]) -> Reply:
        if self.is_out:
            return Reply(status=503)
        reporter, _, partners, frequency = path.rpartition("/")[2].split(".")
        first, last = query["startPeriod"], query["endPeriod"]
        form = "%Y" if frequency == "A" else "%Y-%m"

        def about(figure: Figure) -> bool:
            return (
                (figure.dataset, figure.reporter, figure.frequency) == ("imf/imts", reporter, frequency)
                and figure.partner in partners.split("+")
                and first <= figure.start.strftime(form) <= last
            )

        listed = {figure: value for figure, value in self.held.items() if about(figure)}
        series: dict[tuple[str, str, str, str], dict[str, str]] = {}
        codes = {flow: code for code, flow in FLOWS.items()}
        for figure in sorted(listed):
            place = (reporter, codes[figure.flow], figure.partner, frequency)
            period = figure.start.strftime("%Y" if frequency == "A" else "%Y-M%m")
            series.setdefault(place, {})[period] = f"{listed[figure]:.0f}"
        if self.cuts:
            # Half of the series are gone, in a message that is whole.
            series = dict(list(series.items())[::2])
        else:
            self.truth.served((*path.split("/"),), listed, about, self.today, self.released["imf"])
        content = imf.message(series).replace(b"2026-08-31T", f"{self.released['imf']}T".encode())
        return Reply(content, headers={"Content-Type": imf.XML})

    def _kcs(self, path: str, query: Mapping[str, str]) -> Reply:
        if query["serviceKey"] != self.key:
            return Reply(kcs.gateway("31", "DEADLINE_HAS_EXPIRED_ERROR"), headers=XML)
        (partner,) = [economy for economy, code in ISO2.items() if code == query["cntyCd"]]
        parent = query.get("hsSgn")
        dataset = "kcs/goods_monthly_hs" if parent else "kcs/goods_monthly"
        first, last = (date(int(query[one][:4]), int(query[one][4:]), 1) for one in ("strtYymm", "endYymm"))

        def about(figure: Figure) -> bool:
            return (
                (figure.dataset, figure.partner) == (dataset, partner)
                and first <= figure.start <= last
                and (parent is None or figure.item[:-2] == parent)
            )

        listed = {figure: value for figure, value in self.held.items() if about(figure)}
        rows: dict[tuple[str, date], dict[str, str]] = {}
        for figure in sorted(listed):
            row = rows.setdefault((figure.item, figure.start), {"statCd": query["cntyCd"]})
            listed_as = listed[figure] * (1000 if figure == self.thousandfold else 1)
            row["expDlr" if figure.flow == "export" else "impDlr"] = f"{listed_as:.0f}"
            row["year"] = f"{figure.start:%Y.%m}"
            if parent:
                row |= {"hsCd": figure.item, "expWgt": "100", "impWgt": "100"}
            else:
                # The balance is printed of the figures as customs holds them, not as a wrong cell lists them.
                exports, imports = (listed.get(figure._replace(flow=flow), 0) for flow in ("export", "import"))
                row["balPayments"] = f"{exports - imports:.0f}"
        # What is served beside a wrong cell is set aside with it.
        if self.thousandfold not in listed:
            self.truth.served((path, query["cntyCd"], str(parent)), listed, about, self.today)
        return Reply(kcs.body(rows.values()), headers=XML)

    def _bok(self, path: str) -> Reply:
        first, last, item, region = path.split("/")[-4:]
        if item not in SERVICES:
            return Reply(bok.said("INFO-200", "no data"), headers=JSON)
        flow = SERVICES[item]

        def about(figure: Figure) -> bool:
            return (figure.dataset, figure.flow) == ("bok/services_annual", flow) and int(
                first
            ) <= figure.start.year <= int(last)

        listed = {figure: value for figure, value in self.held.items() if about(figure)}
        self.truth.served((item, region), listed, about, self.today)
        rows = [
            bok.row(str(figure.start.year), f"{listed[figure] / 1e6:.0f}", ITEM_CODE1=item, ITEM_CODE2=region)
            for figure in sorted(listed)
        ]
        return Reply(bok.body(rows) if rows else bok.said("INFO-200", "no data"), headers=JSON)

    def _worldbank(self, path: str, query: Mapping[str, str]) -> Reply:
        economies, indicator = path.split("/")[-3].split(";"), path.rpartition("/")[2]
        first, last = map(int, query["date"].split(":"))

        def about(figure: Figure) -> bool:
            return (
                (figure.dataset, figure.item) == ("worldbank/wdi", indicator)
                and figure.reporter in economies
                and first <= figure.start.year <= last
            )

        listed = {figure: value for figure, value in self.held.items() if about(figure)}
        self.truth.served((path,), listed, about, self.today, self.released["worldbank"])
        # It has a row for every economy and year, with a figure or without.
        rows = [
            worldbank.row(
                economy,
                str(year),
                listed.get(Figure("worldbank/wdi", economy, "", "", indicator, "A", date(year, 1, 1))),
                indicator,
            )
            for economy in economies
            for year in range(last, first - 1, -1)
        ]
        return Reply(worldbank.page(rows, lastupdated=str(self.released["worldbank"])), headers=JSON)


def _size(figure: Figure) -> float:
    match figure:
        case Figure(dataset="worldbank/wdi", item="NY.GDP.MKTP.CD"):
            return 2e10
        case Figure(dataset="worldbank/wdi"):
            return 12
        case Figure(dataset="bok/services_annual"):
            return 1.1e11
        case Figure(dataset="kcs/goods_monthly_hs"):
            return 2e7
        case Figure(frequency="A"):
            return 6e8
    return 5e7


def months(first: date, last: date) -> Iterable[date]:
    """List the first day of each month from one to another."""
    for number in range(12 * first.year + first.month - 1, 12 * last.year + last.month):
        yield date(number // 12, number % 12 + 1, 1)
