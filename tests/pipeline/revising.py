"""Make publishers' responses in which only one figure has changed.

Here: for each dataset that the committed settings request, a response equal to the stored figures, except for one
figure and the totals and shares that its publisher derives from it. Not here: a build with it (`test_revisions`). Rows
are in the columns of the dataset, as the source's module reads them from a response. A dataset without a response yet
gets a first one, with figures of other sources.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import duckdb

from dagster_project import publication, snapshots, sources
from dagster_project.project import Project
from dagster_project.refresh.acceptance import StoredFigures
from dagster_project.refresh.planning import read_settings
from dagster_project.snapshots import Licence, Manifest, Snapshot
from dagster_project.sources import Request

Row = dict[str, str | None]
FIRST_RESPONSE = date(2026, 10, 1)
NEXT_RESPONSE = date(2026, 10, 20)
# The column of the period, and those of figures that are printed as they are counted. What has no figures, as
# interventions have none, has nothing to revise.
FIGURES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "bok/exchange_rates_monthly": ("month", ("won_per_unit",)),
    "bok/services_annual": ("year", ("value_musd",)),
    "cnsd/re_exports_annual": ("year", ("value_khkd",)),
    "comtrade/goods": ("period", ("primary_value",)),
    "imf/imts": ("period", ("value_usd",)),
    "kcs/goods_monthly": ("month", ("exports_usd", "imports_usd")),
    "kcs/goods_monthly_end_use": ("month", ("value_usd",)),
    "kcs/goods_monthly_hs": ("month", ("exports_usd", "imports_usd")),
    "kosis/goods_monthly": ("month", ("exports_kusd", "imports_kusd")),
    "us_census/trade": ("month", ("value_usd",)),
    "worldbank/wdi": ("year", ("value",)),
}
# Off in the shipped settings.
NOT_ASKED = {"oecd_wto/batis", "kcs/goods_flash"}
# Korea and China, as each publisher writes them.
OURS = {"KOR", "CHN", "CN", "중국", "156", "410", "5700"}
WORLDS = {"imf/imts": "G001", "bok/services_annual": "WLD", "comtrade/goods": "0"}
AGRICULTURE, INDUSTRY, SERVICES = "NV.AGR.TOTL.ZS", "NV.IND.TOTL.ZS", "NV.SRV.TOTL.ZS"


def _window(first: date, last: date) -> Callable[[str], tuple[date, date]]:
    return lambda subject: (first, last)


def requests(where: Project) -> dict[str, list[Request]]:
    """Return the requests of a first refresh with the settings, by dataset."""
    settings, found = read_settings(where), dict[str, list[Request]]()
    for source in sources.list_sources():
        if source.api is None:
            continue
        asked = settings.get_source_settings(source.api.settings)
        span = (date(getattr(asked, "first_year", 1990), 1, 1), date(2026, 10, 31))
        if asked.enabled:
            for request in source.api.plan(settings, _window(*span), True):
                found.setdefault(request.dataset, []).append(request)
    return found


@dataclass
class Response:
    """A response to all requests of a dataset, equal to the stored figures.

    Args:
        dataset: The dataset, `source/name`.
        rows: Its rows.
        revised: The changes: the key of each row, the column and the new value.
    """

    dataset: str
    rows: dict[tuple[str | None, ...], Row]
    revised: list[tuple[tuple[str | None, ...], str, str]] = field(default_factory=list)

    def series(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield each column and series with figures, the newest figure last."""
        period, columns = FIGURES[self.dataset]
        names = [name for name in sources.find_dataset(self.dataset).key if name != period]
        for column in columns:
            found: dict[tuple[str | None, ...], list[Row]] = {}
            for row in sorted(self.rows.values(), key=lambda row: str(row[period])):
                if row[column] not in (None, "", "0"):
                    found.setdefault(tuple(row[name] for name in names), []).append(row)
            yield from ((column, rows) for rows in found.values())

    def revise(self, row: Row, column: str, factor: float, *, derives: bool = True) -> None:
        """Multiply a figure by a factor; with `derives`, also change the sums and shares derived from it."""
        before = float(row[column] or 0)
        self._put(row, column, before * factor)
        change = float(row[column] or 0) - before
        if derives:
            for other, part in self._derived(row):
                self._put(other, column, float(other[column] or 0) + part * change)
            if self.dataset == "kcs/goods_monthly":
                row["balance_usd"] = f"{int(row['exports_usd'] or 0) - int(row['imports_usd'] or 0)}"

    def archive(self, where: Project, day: date) -> Snapshot:
        """Archive the response as fetched, known from a day."""
        dataset = sources.find_dataset(self.dataset)
        api = sources.find_source(dataset.source).api
        assert api is not None
        names = [column.name for column in dataset.columns]
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows.values())
        manifest = Manifest(
            source=dataset.source,
            dataset=dataset.name,
            title=dataset.title,
            columns=names,
            url=api.base,
            obtained="Made for a test.",
            retrieved_at=datetime.combine(day, time(12), UTC),
            published_at=day,
            known_from=day,
            file="data.csv",
            media_type="text/csv",
            row_count=len(self.rows),
            licence=Licence(*api.licence),
            citation=api.citation,
        )
        return snapshots.archive_snapshot(where, manifest, text.getvalue().encode())

    def _put(self, row: Row, column: str, value: float) -> None:
        decimals = len(str(row[column]).partition(".")[2])
        written = f"{value:.{decimals}f}"
        row[column] = written
        self.revised.append((self._key(row), column, written))

    def _key(self, row: Row, **changed: str) -> tuple[str | None, ...]:
        return tuple((row | changed)[name] for name in sources.find_dataset(self.dataset).key)

    def _derived(self, row: Row) -> list[tuple[Row, float]]:
        """Return the rows of sums and shares derived from a row's figure, each with its part of the change."""
        changes: list[tuple[dict[str, str], float]] = []
        if self.dataset == "kosis/goods_monthly":
            changes = [({"partner_name": "계"}, 1)]
        if self.dataset in WORLDS:
            changes = [({"partner_code": WORLDS[self.dataset]}, 1)]
        if self.dataset == "imf/imts":
            year = str(row["period"])[:4]
            months = [{"frequency": "M", "period": f"{year}-{month:02}"} for month in range(1, 13)]
            if all(self._key(row, **month) in self.rows for month in months):
                # A year is the sum of its months; one that is revised is so in each of them.
                others = months if row["frequency"] == "A" else [{"frequency": "A", "period": year}]
                for other in others:
                    part = 1 / len(others)
                    changes += [(other, part), ({**other, "partner_code": WORLDS[self.dataset]}, part)]
        if self.dataset == "worldbank/wdi":
            # Agriculture, industry and services are shares of one whole; manufacturing is a part of industry.
            changes = {
                AGRICULTURE: [({"indicator_code": SERVICES}, -1.0)],
                INDUSTRY: [({"indicator_code": SERVICES}, -1.0)],
                SERVICES: [({"indicator_code": INDUSTRY}, -1.0)],
                "NV.IND.MANF.ZS": [({"indicator_code": INDUSTRY}, 1.0), ({"indicator_code": SERVICES}, -1.0)],
            }.get(str(row["indicator_code"]), [])
        found = {self._key(row, **changed): part for changed, part in changes}
        return [(self.rows[key], part) for key, part in found.items() if key != self._key(row) and key in self.rows]


def held(where: Project, dataset_path: str, asked: Iterable[Request]) -> Response:
    """Make a response to these requests with the stored figures."""
    dataset = sources.find_dataset(dataset_path)
    names = [column.name for column in dataset.columns]
    response = Response(dataset_path, {})
    with StoredFigures(where, dataset) as figures:
        for request in asked:
            # Of several names that a copy and a response have for one partner, a response has the last.
            names_of = request.only.get("partner_name", ())[-1:]
            columns = ", ".join(f'"{name}"' for name in names)
            query = f"select {columns} from ({figures.select_figures(request)})"
            for found in figures.connection.execute(query).fetchall():
                row = dict(zip(names, found, strict=True))
                if names_of and row["partner_name"] not in names_of:
                    continue
                response.rows[tuple(row[name] for name in dataset.key)] = row
    return response


def answer_first(where: Project) -> None:
    """Archive a first response of each dataset that has no response yet, or only one for a few months."""
    asked = requests(where)
    with publication.open_published(where) as connection:
        for path, rows in _first_rows(asked, connection).items():
            key = sources.find_dataset(path).key
            Response(path, {tuple(row.get(name) for name in key): row for row in rows}).archive(where, FIRST_RESPONSE)
    # Of China the World Bank's three sectors make the whole; the copies of them are of several releases.
    shares = held(where, "worldbank/wdi", asked["worldbank/wdi"])
    for (indicator, economy, year), row in shares.rows.items():
        parts = [shares.rows.get((one, economy, year)) for one in (AGRICULTURE, INDUSTRY)]
        if (indicator, economy) == (SERVICES, "CHN") and all(parts):
            row["value"] = f"{100 - sum(float(part['value'] or 0) for part in parts if part):.10f}"
    shares.archive(where, FIRST_RESPONSE)


def choose(responses: Mapping[str, Response], seed: int) -> Iterator[tuple[Response, str, Row, float]]:
    """Choose a figure of each dataset, column, frequency and indicator, and a revision of 0.3 to 2%."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    for path in sorted(responses):
        kinds: dict[tuple[str | None, ...], list[tuple[str, list[Row]]]] = {}
        for column, rows in responses[path].series():
            kind = (column, rows[0].get("frequency"), rows[0].get("indicator_code"))
            kinds.setdefault(kind, []).append((column, rows))
        for found in kinds.values():
            # Rules look at Korea and China first.
            ours = [one for one in found if OURS & set(one[1][0].values())]
            column, rows = chance.choice(ours or found)
            yield responses[path], column, chance.choice(rows[-12:]), chance.choice((0.98, 0.997, 1.003, 1.02))


def _first_rows(asked: Mapping[str, list[Request]], connection: duckdb.DuckDBPyConnection) -> dict[str, list[Row]]:
    def rows(query: str) -> list[tuple[Any, ...]]:
        return connection.execute(query).fetchall()

    values: dict[tuple[str, str, str, str], float] = {
        (reporter, partner, flow, period): value
        for reporter, partner, flow, period, value in rows(
            """
            select reporter_code, partner_code, flow, strftime(period_start, '%Y'), value_usd
            from core.goods_trade_annual
            union all
            select reporter_code, 'WLD', flow, strftime(period_start, '%Y'), value_usd
            from core.goods_trade_world_annual
            union all
            select reporter_code, partner_code, flow, strftime(period_start, '%Y-%m'), value_usd
            from core.goods_trade_monthly
            """
        )
        if value
    }
    codes: dict[str, dict[str, str]] = {
        scheme: dict(
            rows(
                f"select code, economy_code from staging.economy_codes where scheme = '{scheme}' and economy_code != ''"
            )
        )
        for scheme in ("imf_code", "comtrade", "iso2")
    }
    imf, comtrade = codes["imf_code"], codes["comtrade"]
    found: dict[str, list[Row]] = {path: [] for path in FIGURES}
    for request in asked["imf/imts"]:
        (reporter,), (frequency,) = request.only["reporter_code"], request.only["frequency"]
        partners = {imf.get(code, code): code for code in request.only["partner_code"]}
        found["imf/imts"] += [
            {
                "reporter_code": reporter,
                "partner_code": partners[partner],
                "indicator_code": "XG_FOB_USD" if flow == "export" else "MG_CIF_USD",
                "frequency": frequency,
                "period": period,
                "value_usd": f"{value:.0f}",
                "derivation_type": "O",
            }
            for (one, partner, flow, period), value in values.items()
            if one == imf.get(reporter, reporter) and partner in partners and (len(period) == 4) == (frequency == "A")
        ]
    for request in asked["comtrade/goods"]:
        (reporter,) = request.only["reporter_code"]
        assert request.periods is not None
        found["comtrade/goods"] += [
            {
                "freq_code": "A",
                "period": str(year),
                "reporter_code": reporter,
                "partner_code": partner,
                "partner2_code": "0",
                "customs_code": "C00",
                "mos_code": "0",
                "mot_code": "0",
                "cmd_code": "TOTAL",
                "classification_code": "H5",
                "aggr_level": "0",
                "is_reported": "true",
                "is_aggregate": "false",
                "flow_code": "X" if flow == "export" else "M",
                "primary_value": f"{value:.2f}",
            }
            for partner in request.only["partner_code"]
            for flow in ("export", "import")
            for year in range(int(request.periods[0]), int(request.periods[1]) + 1)
            if (value := values.get((comtrade[reporter], comtrade[partner], flow, str(year))))
        ]
    found["us_census/trade"] = [
        {
            "flow": flow,
            "commodity_level": "-",
            "commodity_code": "-",
            "cty_code": "5700",
            "month": month,
            "value_usd": f"{value:.0f}",
        }
        for (reporter, partner, flow, month), value in values.items()
        if (reporter, partner, len(month)) == ("USA", "CHN", 7) and month >= "2013"
    ]
    # Korea's months with China, through customs' three channels.
    for (reporter, partner, flow, month), exports in values.items():
        if (reporter, partner, flow, len(month)) != ("KOR", "CHN", "export", 7):
            continue
        imports = values[reporter, partner, "import", month]
        flows = {"exports": round(exports), "imports": round(imports)}
        if month >= "2000":
            printed = {f"{name}_kusd": str(round(value / 1e3)) for name, value in flows.items()}
            found["kosis/goods_monthly"].append({"partner_name": "중국", "month": month, **printed})
        if month >= "2015":
            printed = {f"{name}_usd": str(value) for name, value in flows.items()}
            balance = str(flows["exports"] - flows["imports"])
            found["kcs/goods_monthly"].append({"partner_iso2": "CN", "month": month, **printed, "balance_usd": balance})
            found["kcs/goods_monthly_end_use"] += [
                {
                    "flow": name,
                    "partner_iso2": "CN",
                    "month": month,
                    "end_use_code": code,
                    "end_use_name": code,
                    "value_usd": str(round(value * share)),
                    "net_weight_kg": "1000",
                }
                for name, value in (("수출", exports), ("수입", imports))
                for code, share in (("11201", 0.3), ("11301", 0.7))
            ]
    rates = {(code, month): rate for code, month, rate in rows(
        "select currency_code, strftime(period_start, '%Y-%m'), exchange_rate from staging.frb__exchange_rates_monthly"
    )}  # fmt: skip
    found["bok/exchange_rates_monthly"] = [
        {"item_code": item, "month": month, "won_per_unit": f"{won / per:.2f}"}
        for (code, month), won in rates.items()
        if code == "KRW" and month >= "2009" and ("CNY", month) in rates
        for item, per in (("0000001", 1), ("0000015", 7.8), ("0000053", rates["CNY", month]))
    ]
    found["cnsd/re_exports_annual"] = [
        {"origin_iso2": origin, "destination_iso2": to, "year": str(year), "value_khkd": str(229_712_000 + 1000 * year)}
        for origin, to in (("KR", "CN"), ("CN", "KR"))
        for year in range(2012, 2026)
    ]
    return {path: rows for path, rows in found.items() if rows}
