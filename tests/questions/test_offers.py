"""A refresh requests exactly the figures that sources declare."""

from __future__ import annotations

import pytest

from dagster_project.sources import list_sources

BROUGHT = {dataset.path: (source, dataset) for source in list_sources() for dataset in source.datasets if dataset.offer}


@pytest.mark.parametrize("path", BROUGHT)
def test_what_a_dataset_brings_is_what_is_asked_for(path: str) -> None:
    """The first year is the one in docs/settings.md, and a publisher that needs turning on says so."""
    source, dataset = BROUGHT[path]
    assert dataset.name in source.live
    offer = dataset.offer
    assert offer is not None
    assert source.api is not None
    setting = source.api.settings()
    assert offer.is_earliest or offer.since == getattr(setting, "first_year", None)
    assert offer.is_earliest == (not hasattr(setting, "first_year"))
    assert (offer.setting == "enabled = true") == (not setting.enabled)
    assert set(offer.frequencies) >= set(getattr(setting, "frequencies", ()))
    assert any("products" in need for need in offer.items.values()) <= hasattr(setting, "products")


def test_every_dataset_that_a_refresh_fills_says_what_it_brings() -> None:
    filled = {f"{source.code}/{name}" for source in list_sources() for name in source.live}
    # Interventions are no series; the others stand beside the figures that a question may lack.
    beside = {"bok/exchange_rates_monthly", "cnsd/re_exports_annual", "kcs/goods_flash"}
    assert filled - BROUGHT.keys() == {"gta/interventions", *beside}
