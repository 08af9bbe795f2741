"""Every code and label that a source prints is translated to an economy, or left out for a stated reason."""

from __future__ import annotations

import csv
import re
from importlib import resources

import pytest

from dagster_project.project import Project
from dagster_project.reference import code_lists
from tests.sources.committed import ROOT, reference, rows

PROJECT = Project.at(ROOT)
# The schemes that staging models look codes up in.
SCHEMES = {
    scheme
    for path in PROJECT.sql.glob("staging/*.sql")
    for pair in re.findall(r"'(\w+)' as \w+_scheme\b|\bscheme = '(\w+)'", path.read_text(encoding="utf-8"))
    for scheme in filter(None, pair)
}
MET = [
    ("iso3", "kosis/goods_annual", "partner_code"),
    ("iso3", "wits/goods_annual_summary", "reporter_code"),
    ("iso3", "wits/goods_annual_summary", "partner_code"),
    ("iso3", "wits/goods_annual_products", "reporter_code"),
    ("iso3", "wits/goods_annual_products", "partner_code"),
    ("iso3", "worldbank/wdi", "economy_code"),
    ("iso3", "oecd_wto/services_annual_points", "reporter_code"),
    ("iso3", "oecd_wto/services_annual_points", "partner_code"),
    ("iso3", "bok/services_annual", "reporter_code"),
    ("iso3", "bok/services_annual", "partner_code"),
    ("iso3", "register/published_figures", "reporter_code"),
    ("iso3", "register/published_figures", "partner_code"),
    ("iso3", "register/policy_event_stages", "implementing"),
    ("iso3", "register/policy_event_stages", "affected"),
    ("iso2", "kcs/goods_monthly", "partner_iso2"),
    ("iso2", "kcs/goods_monthly_hs", "partner_iso2"),
    ("comtrade", "comtrade/goods_annual", "reporter_code"),
    ("comtrade", "comtrade/goods_annual", "partner_code"),
    ("comtrade", "comtrade/goods_annual_sitc4", "reporter_code"),
    ("comtrade", "comtrade/goods_annual_sitc4", "partner_code"),
    ("comtrade", "comtrade/goods_annual_hs6_selected", "reporter_code"),
    ("comtrade", "comtrade/goods_annual_hs6_selected", "partner_code"),
    ("comtrade", "comtrade/goods_monthly_hs6_selected", "reporter_code"),
    ("comtrade", "comtrade/goods_monthly_hs6_selected", "partner_code"),
    ("imf_name", "imf/goods_monthly", "reporter_name"),
    ("imf_name", "imf/goods_monthly", "partner_name"),
    ("imf_name", "imf/goods_annual_chn_imports", "reporter_name"),
    ("imf_name", "imf/goods_annual_chn_imports", "partner_name"),
    ("unctad_name", "unctad/goods_annual_sitc3", "exporter_name"),
    ("unctad_name", "unctad/goods_annual_sitc3", "importer_name"),
    ("batis_name", "oecd_wto/services_annual", "reporter_name"),
    ("batis_name", "oecd_wto/services_annual", "partner_name"),
    ("kosis_name", "kosis/goods_monthly", "partner_name"),
    ("kcs_name", "kcs/goods_monthly_all_partners", "partner_name"),
    ("iso3", "bok/goods_monthly", "partner_code"),
    ("gacc_name", "gacc/goods_monthly", "partner_name"),
    ("kto_name", "kto/arrivals_monthly", "nationality"),
]


CODES = reference("economy_codes")
TRANSLATED = {(row["scheme"], row["code"]): row for row in CODES}
ECONOMIES = {row[0]: row for row in code_lists.load_economies(PROJECT).rows}


def test_every_code_that_is_met_is_translated_or_excluded() -> None:
    for scheme, path, column in MET:
        met = {code for row in rows(path) for code in row[column].split(";" if path.startswith("register") else "\n")}
        known = {code for code in met if (scheme, code) in TRANSLATED}
        if scheme == "iso3":
            known |= {code for code in met if code in ECONOMIES}
        assert sorted(met - known) == [], (path, column)


def test_a_code_has_an_economy_or_a_reason_and_never_both() -> None:
    assert len(TRANSLATED) == len(CODES)
    assert {row["scheme"] for row in CODES} == SCHEMES
    for row in CODES:
        assert bool(row["economy_code"]) != bool(row["exclusion_reason"]), row
        assert not row["economy_code"] or row["economy_code"] in ECONOMIES, row


def test_iso3_rows_are_only_for_what_iso_does_not_have_today() -> None:
    import pycountry

    current = {country.alpha_3 for country in pycountry.countries}
    assert [row["code"] for row in CODES if row["scheme"] == "iso3" and row["code"] in current] == []


@pytest.mark.parametrize(
    ("code", "economy"),
    [
        ("490", "TWN"),
        ("842", "USA"),
        ("251", "FRA"),
        ("381", "ITA"),
        ("757", "CHE"),
        ("579", "NOR"),
        ("699", "IND"),
        ("410", "KOR"),
        ("156", "CHN"),
        ("344", "HKG"),
        ("0", "WLD"),
    ],
)
def test_the_codes_that_are_not_m49(code: str, economy: str) -> None:
    assert TRANSLATED["comtrade", code]["economy_code"] == economy


@pytest.mark.parametrize("code", ["899", "97", "838", "839", "975"])
def test_groups_and_remainders_are_excluded(code: str) -> None:
    assert TRANSLATED["comtrade", code]["exclusion_reason"]


def test_names_agree_with_country_converter_where_it_knows_them() -> None:
    # Its own data file: the converter itself does not start under pandas 3.
    source = resources.files("country_converter") / "country_data.tsv"
    known = [
        (re.compile(row["regex"], re.IGNORECASE), row["ISO3"])
        for row in csv.DictReader(source.read_text(encoding="utf-8").splitlines(), delimiter="\t")
    ]
    disagreements, checked = [], 0
    for row in CODES:
        if not row["scheme"].endswith("_name") or row["note"]:
            continue
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", row["code"])
        hits = {code for pattern, code in known if pattern.search(row["code"]) or pattern.search(spaced)}
        if hits:
            checked += 1
            if hits != {row["economy_code"]}:
                disagreements.append((row["code"], row["economy_code"], sorted(hits)))
    assert disagreements == []
    assert checked > 400


def test_two_names_of_one_source_meet_only_where_they_mean_the_same() -> None:
    """Two labels for one economy in one file would be added up or refused as a duplicate."""
    for path, first, second in (
        ("imf/goods_monthly", "reporter_name", "partner_name"),
        ("imf/goods_annual_chn_imports", "reporter_name", "partner_name"),
        ("unctad/goods_annual_sitc3", "exporter_name", "importer_name"),
        ("comtrade/goods_annual", "reporter_code", "partner_code"),
    ):
        scheme = {"imf": "imf_name", "unctad": "unctad_name", "comtrade": "comtrade"}[path.split("/")[0]]
        seen = set()
        for row in rows(path):
            ends = [TRANSLATED[scheme, row[column]]["economy_code"] for column in (first, second)]
            if all(ends):
                rest = tuple(v for c, v in row.items() if c not in {first, second} and not c.endswith("usd"))
                assert (*ends, rest) not in seen, row
                seen.add((*ends, rest))
