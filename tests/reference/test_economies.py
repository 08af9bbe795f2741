"""An economy is understood by its code or by what people call it, and what is unclear is asked back."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project import publication
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.reference.economies import SPOKEN, find_code


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KOR", "KOR"),
        ("chn", "CHN"),
        (" de ", "DEU"),
        ("Vietnam", "VNM"),
        ("viet nam", "VNM"),
        ("South Korea", "KOR"),
        ("Korea", "KOR"),
        ("Republic of Korea", "KOR"),
        ("N. Korea", "PRK"),
        ("china", "CHN"),
        ("China's", "CHN"),
        ("대중국", "CHN"),
        ("대중", "CHN"),
        ("한국의", "KOR"),
        ("미국과의", "USA"),
        ("대만", "TWN"),
        ("Hong Kong", "HKG"),
        ("hong kong sar", "HKG"),
        ("Chinese Taipei", "TWN"),
        ("the United States", "USA"),
        ("US", "USA"),
        ("U.S.", "USA"),
        ("UK", "GBR"),
        ("Czech Republic", "CZE"),
        ("Turkey", "TUR"),
        ("turkiye", "TUR"),
        ("Cote d'Ivoire", "CIV"),
        ("Guinea", "GIN"),
        ("Guinea Bissau", "GNB"),
        ("Sudan", "SDN"),
        ("World", "WLD"),
        ("European Union", "EUU"),
    ],
)
def test_a_code_or_a_name_is_an_economy(published: duckdb.DuckDBPyConnection, text: str, code: str) -> None:
    assert find_code(published, text) == code


def test_every_economy_is_found_by_its_own_code_and_name(published: duckdb.DuckDBPyConnection) -> None:
    for code, name in published.execute("select economy_code, name from core.economies").fetchall():
        assert find_code(published, code) == code
        assert find_code(published, name.upper()) == code
    assert set(SPOKEN.values()) <= {
        code for (code,) in published.execute("select economy_code from core.economies").fetchall()
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Congo",
            r"Congo is ambiguous: COG \(Congo \(Brazzaville\)\) or COD \(Congo \(Kinshasa\)\)\. Give one of the codes",
        ),
        ("Virgin Islands", r"is ambiguous: VGB \(British Virgin Islands\) or VIR"),
        ("Vietnm", r"There is no economy Vietnm\. Did you mean VNM \(Vietnam\)\?"),
        ("Saudi", r"Did you mean SAU \(Saudi Arabia\)\?"),
        ("CHM", r"There is no economy CHM\. Did you mean KHM"),
        ("KRO", r"There is no economy KRO\. Did you mean KOR"),
        ("Germany and France", r"There is no economy Germany and France\."),
        ("Islands", "There is no economy Islands"),
        ("Middle-earth", r"There is no economy Middle-earth\."),
        ("c'; drop table x", r"core\.economies lists the economies"),
        ("", "There is no economy"),
        ("(", r"There is no economy \(\."),
    ],
)
def test_what_is_no_economy_or_two_is_asked_back(published: duckdb.DuckDBPyConnection, text: str, said: str) -> None:
    with pytest.raises(BilateralError, match=said):
        find_code(published, text)
