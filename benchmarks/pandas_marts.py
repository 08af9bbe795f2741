"""What users would pick instead: a plain pandas script over the same files, with nothing checked.

    python benchmarks/pandas_marts.py SNAPSHOTS REFERENCE FOLDER

Here: the main marts as one would write them by hand: each publisher's totals of goods by year and month, the source
that comes first, balances by year and month with their flips and twelve months, both reporters side by side, products
by month with what price and volume moved. Not here: vintages as known then, corrections with their reasons, services,
claims, events, quarantine, audit, lineage: this script does much less than the others it is measured beside.

It runs in an environment of its own and knows nothing of this project but its files.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

_begun = time.perf_counter()
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

_imported = time.perf_counter()

KEY = ["reporter_code", "partner_code", "flow", "frequency", "period_start"]
TOTALS = [*KEY, "value_usd", "source", "dataset"]
PRODUCT = ["reporter_code", "partner_code", "flow", "classification", "product_code", "period_start"]
EDITIONS = {f"H{n}": f"HS{year}" for n, year in enumerate((1992, 1996, 2002, 2007, 2012, 2017, 2022))}


def read(snapshots: Path, dataset: str, columns: list[str] | None = None) -> pd.DataFrame:
    """Every file of a dataset, as text."""
    frames = [
        pd.read_csv(file, dtype="str", usecols=columns, engine="pyarrow" if file.suffix == ".csv" else None, **TEXT)
        for file in sorted((snapshots / dataset).glob("*/data.csv*"))
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


TEXT = {"keep_default_na": False, "na_values": [""]}


class Codes:
    """What each publisher's codes stand for."""

    def __init__(self, reference: Path) -> None:
        with (reference / "economy_codes.csv").open(encoding="utf-8", newline="") as lines:
            self.listed = {(row["scheme"], row["code"]): row["economy_code"] or np.nan for row in csv.DictReader(lines)}

    def of(self, labels: pd.Series, scheme: str) -> pd.Series:
        listed = {code: economy for (known, code), economy in self.listed.items() if known == scheme}
        # A code of ISO 3166 that is not listed stands for itself.
        found = labels.unique() if scheme == "iso3" else listed
        return labels.map({code: listed.get(code, code) for code in found})


def totals(snapshots: Path, codes: Codes) -> pd.DataFrame:
    """All goods, of each publisher that tells both flows of an economy."""
    parts = []

    def add(path: str, reporter: Any, partner: Any, flow: Any, when: pd.Series, value: pd.Series) -> None:
        source, _, dataset = path.partition("/")
        is_month = when.str.len().max() > len("YYYY")
        figures = {
            "reporter_code": reporter,
            "partner_code": partner,
            "flow": flow,
            "frequency": "M" if is_month else "A",
            "period_start": pd.to_datetime(when, format="%Y-%m" if is_month else "%Y"),
            "value_usd": value,
        }
        parts.append(pd.DataFrame(figures).assign(source=source, dataset=dataset))

    for path, partner, scheme, when, unit in (
        ("kosis/goods_annual", "partner_code", "iso3", "year", "usd"),
        ("kosis/goods_monthly", "partner_name", "kosis_name", "month", "kusd"),
        ("kcs/goods_monthly", "partner_iso2", "iso2", "month", "usd"),
    ):
        rows = read(snapshots, path)
        for flow in ("export", "import"):
            value = pd.to_numeric(rows[f"{flow}s_{unit}"]) * (1000 if unit == "kusd" else 1)
            add(path, "KOR", codes.of(rows[partner], scheme), flow, rows[when], value.round())
    path = "imf/goods_monthly"
    rows = read(snapshots, path)
    # A nought stands for no figure there.
    value = (pd.to_numeric(rows["value_musd"]) * 1e6).round().replace(0, np.nan)
    sides = [codes.of(rows[f"{side}_name"], "imf_name") for side in ("reporter", "partner")]
    add(path, *sides, rows["flow"], rows["month"], value)
    path = "imf/goods_annual_chn_imports"
    rows = read(snapshots, path)
    sides = [codes.of(rows[f"{side}_name"], "imf_name") for side in ("reporter", "partner")]
    add(path, *sides, "import", rows["year"], pd.to_numeric(rows["imports_usd"]))
    path = "comtrade/goods_annual"
    rows = read(snapshots, path)
    sides = [codes.of(rows[f"{side}_code"], "comtrade") for side in ("reporter", "partner")]
    flows = rows["flow_code"].map({"X": "export", "M": "import"})
    add(path, *sides, flows, rows["year"], pd.to_numeric(rows["value_usd"]))
    path = "wits/goods_annual_summary"
    rows = read(snapshots, path)
    sides = [codes.of(rows[f"{side}_code"], "iso3") for side in ("reporter", "partner")]
    add(path, *sides, rows["flow"].str.lower(), rows["year"], pd.to_numeric(rows["value_musd"]) * 1e6)
    every = pd.concat(parts, ignore_index=True)
    every = every.dropna(subset=["reporter_code", "partner_code", "flow", "value_usd"])
    return every[every["partner_code"].ne("WLD") & every["reporter_code"].ne(every["partner_code"])][TOTALS]


def chosen(figures: pd.DataFrame, precedence: pd.DataFrame, frequency: str) -> pd.DataFrame:
    """Of each figure the one whose source comes first."""
    rules = precedence[(precedence["metric"] == "goods_total") & (precedence["frequency"] == frequency)]
    ranked = []
    for rule in rules.itertuples():
        found = figures[(figures["source"] == rule.source) & (figures["dataset"] == rule.dataset)]
        found = found[found["basis"] == rule.basis]
        if rule.reporter_code != "*":
            found = found[found["reporter_code"] == rule.reporter_code]
        if rule.flow != "*":
            found = found[found["flow"] == rule.flow]
        # An economy with an order of its own does not fall back on that of all others.
        own = rules[rules["reporter_code"] != "*"]["reporter_code"].unique() if rule.reporter_code == "*" else []
        ranked.append(found[~found["reporter_code"].isin(own)].assign(rank=int(rule.rank)))
    ordered = pd.concat(ranked).sort_values(["rank", "source", "dataset"], kind="stable")
    return ordered.drop_duplicates(["reporter_code", "partner_code", "flow", "period_start"]).drop(columns="rank")


def annual(figures: pd.DataFrame) -> pd.DataFrame:
    """Years as published, and years of twelve months."""
    months = figures[figures["frequency"] == "M"].assign(
        period_start=lambda rows: rows["period_start"].dt.to_period("Y").dt.to_timestamp()
    )
    keys = ["reporter_code", "partner_code", "flow", "period_start", "source", "dataset"]
    summed = months.groupby(keys, as_index=False).agg(value_usd=("value_usd", "sum"), months=("value_usd", "size"))
    summed = summed[summed["months"] == 12].drop(columns="months").assign(basis="summed")
    return pd.concat([figures[figures["frequency"] == "A"].assign(basis="published"), summed], ignore_index=True)


def balances(figures: pd.DataFrame) -> pd.DataFrame:
    """Exports, imports and their balance, with the direction before."""
    wide = figures.pivot(
        index=["reporter_code", "partner_code", "period_start"], columns="flow", values="value_usd"
    ).reset_index()
    wide["balance_usd"] = wide["export"] - wide["import"]
    wide = wide.sort_values(["reporter_code", "partner_code", "period_start"], ignore_index=True)
    pair = wide.groupby(["reporter_code", "partner_code"])
    wide["sign_flipped"] = np.sign(wide["balance_usd"]) != np.sign(pair["balance_usd"].shift())
    return wide


def monthly(figures: pd.DataFrame) -> pd.DataFrame:
    """Balances by month, beside a year earlier, to date and over twelve months."""
    wide = balances(figures)
    wide["year"] = wide["period_start"].dt.year
    to_date = wide.groupby(["reporter_code", "partner_code", "year"])
    for flow in ("export", "import"):
        wide[f"{flow}_ytd_usd"] = to_date[flow].cumsum()
    rolling = wide.groupby(["reporter_code", "partner_code"])["balance_usd"].rolling(12).sum()
    wide["balance_12m_usd"] = rolling.reset_index(level=[0, 1], drop=True)
    earlier = wide[["reporter_code", "partner_code", "period_start", "export", "import"]].assign(
        period_start=lambda rows: rows["period_start"] + pd.DateOffset(years=1)
    )
    return wide.merge(
        earlier, how="left", on=["reporter_code", "partner_code", "period_start"], suffixes=("", "_prior_year")
    )


def mirror(figures: pd.DataFrame) -> pd.DataFrame:
    """What one reports beside what the other does."""
    other = figures.rename(columns={"reporter_code": "partner_code", "partner_code": "reporter_code"})
    other = other.assign(flow=other["flow"].map({"export": "import", "import": "export"}))
    both = figures.merge(other, on=["reporter_code", "partner_code", "flow", "period_start"], suffixes=("", "_mirror"))
    both["gap_usd"] = both["value_usd"] - both["value_usd_mirror"]
    return both


def products(snapshots: Path, codes: Codes) -> pd.DataFrame:
    """What is traded in each product by month, the latest figure of each."""
    columns = [
        "freq_code", "period", "reporter_code", "partner_code", "partner2_code", "flow_code", "classification_code",
        "cmd_code", "customs_code", "mos_code", "mot_code", "primary_value", "net_wgt",
    ]  # fmt: skip
    rows = read(snapshots, "comtrade/goods", columns)
    if rows.empty:
        return rows
    rows = rows[
        (rows["freq_code"] == "M")
        & (rows["cmd_code"] != "TOTAL")
        & rows["flow_code"].isin(["X", "M"])
        & (rows["partner2_code"] == "0")
        & (rows["customs_code"] == "C00")
        & (rows["mos_code"] == "0")
        & (rows["mot_code"] == "0")
    ]
    found = pd.DataFrame(
        {
            "reporter_code": codes.of(rows["reporter_code"], "comtrade").astype("category"),
            "partner_code": codes.of(rows["partner_code"], "comtrade").astype("category"),
            "flow": rows["flow_code"].map({"X": "export", "M": "import"}).astype("category"),
            "classification": rows["classification_code"].map(EDITIONS).astype("category"),
            "product_code": rows["cmd_code"].astype("category"),
            "period_start": pd.to_datetime(rows["period"], format="%Y%m"),
            "value_usd": pd.to_numeric(rows["primary_value"]),
            "net_weight_kg": pd.to_numeric(rows["net_wgt"]).replace(0, np.nan),
        }
    )
    found = found.dropna(subset=["reporter_code", "partner_code", "value_usd"])
    # Of two answers the later; of two rows in one answer nobody knows which is right.
    return found.drop_duplicates(PRODUCT, keep="last")


def price_and_volume(found: pd.DataFrame) -> pd.DataFrame:
    """What price and what weight moved, against a year earlier."""
    if found.empty:
        return found
    weighed = found[(found["value_usd"] > 0) & (found["net_weight_kg"] > 0)]
    earlier = weighed.assign(period_start=weighed["period_start"] + pd.DateOffset(years=1))
    both = weighed.merge(earlier, how="left", on=PRODUCT, suffixes=("", "_prior_year"))
    value, prior = both["value_usd"], both["value_usd_prior_year"]
    unit = value / both["net_weight_kg"]
    unit_prior = prior / both["net_weight_kg_prior_year"]
    with np.errstate(all="ignore"):
        weight = np.where(value == prior, value, (value - prior) / np.log(value / prior))
        both["price_effect_usd"] = (np.log(unit / unit_prior) * weight).round(2)
    both["volume_effect_usd"] = value - prior - both["price_effect_usd"]
    return both


def main() -> None:
    snapshots, reference, folder = (Path(argument) for argument in sys.argv[1:4])
    folder.mkdir(parents=True, exist_ok=True)
    codes = Codes(reference)
    precedence = pd.read_csv(reference / "source_precedence.csv", dtype="str")
    figures = totals(snapshots, codes)
    years = chosen(annual(figures), precedence, "A")
    months = chosen(figures[figures["frequency"] == "M"].assign(basis="published"), precedence, "M")
    traded = products(snapshots, codes)
    made = {
        "trade_balance_annual": balances(years),
        "trade_balance_monthly": monthly(months),
        "mirror_trade_annual": mirror(years),
        "product_trade_monthly": traded,
        "price_volume_monthly": price_and_volume(traded),
    }
    for name, table in made.items():
        table.to_parquet(folder / f"{name}.parquet")
    print(
        json.dumps(
            {
                "imports": _imported - _begun,
                "build": time.perf_counter() - _imported,
                "rows": {name: len(table) for name, table in made.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
