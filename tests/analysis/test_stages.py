"""A stage of an event concerns some series."""

from __future__ import annotations

from dataclasses import replace

from tests.analysis.test_estimates import BAN


def test_a_measure_moves_what_it_is_directed_at() -> None:
    assert BAN.can_move("KOR", "CHN")
    assert not BAN.can_move("CHN", "KOR")
    control = replace(BAN, event_class="export_control")
    assert control.can_move("CHN", "KOR")
    assert not control.can_move("KOR", "CHN")
    agreement = replace(BAN, event_class="trade_agreement")
    assert agreement.can_move("CHN", "KOR")
    assert agreement.can_move("KOR", "CHN")
    # A third side's controls bind the trade of those whom they hit.
    reaching = replace(control, implementing=frozenset({"USA"}), affected=frozenset({"CHN", "KOR"}))
    assert reaching.list_routes() == [("CHN", "KOR"), ("KOR", "CHN"), ("USA", "CHN"), ("USA", "KOR")]


def test_a_scope_covers_what_it_names() -> None:
    def covers(scope: str, domain: str, product: str) -> bool:
        return replace(BAN, scope=(scope,)).covers_series(domain, product)

    assert covers("all", "services", "SD")
    assert covers("goods", "goods", "HS8542")
    assert covers("HS85", "goods", "HS8542")
    assert not covers("HS8542", "goods", "TOTAL")
    assert not covers("goods", "services", "S")
    assert covers("EBOPS:SD", "services", "SD")
    assert covers("EBOPS:SD", "arrivals", "SD")
    assert not covers("services", "arrivals", "SD")
    assert not covers("EBOPS:SD", "services", "S")


def test_travellers_are_what_the_seller_of_travel_sells() -> None:
    """China's ban on tours to Korea moves those who come to Korea; of those who come to China nothing."""
    ban = replace(BAN, scope=("EBOPS:SD",))
    found = {key.name for _, keys in ban.list_series() for key in keys}
    assert "arrivals/M/KOR/export/CHN/SD" in found
    assert not any(name.startswith("arrivals/M/CHN") for name in found)
