"""Amounts, days, periods and particles in Korean."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.languages import korean


def test_the_module_has_at_most_sixty_lines() -> None:
    assert len(Path(korean.__file__).read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("US$18.04bn", "180억 4,000만 달러"),
        ("−US$1.20bn", "−12억 달러"),
        ("US$1,234.00bn", "1조 2,340억 달러"),
        ("US$9.50m", "950만 달러"),
        ("US$5,072.46m", "50억 7,246만 달러"),
        ("US$4,000", "4,000달러"),
        ("US$13,482,160 thousand", "134억 8,216만 달러"),
        ("8.068m", "806만 8,000"),
        ("US$0", "0달러"),
        ("KRW 163.03tn", "163조 300억 원"),
        ("a deficit of US$18.04bn", "180억 4,000만 달러 적자"),
        ("a surplus of about US$12.7bn", "약 127억 달러 흑자"),
        ("a balance of nothing", "수지 균형"),
        ("20 December 2015", "2015년 12월 20일"),
        ("May 2023", "2023년 5월"),
        ("January to July 2026", "2026년 1~7월"),
        ("2025-10-31", "2025년 10월 31일"),
        ("kosis/goods_monthly@2026-08-20", "kosis/goods_monthly@2026-08-20"),
        ("by -6.4%", "by −6.4%"),
    ],
)
def test_values_are_converted(english: str, expected: str) -> None:
    assert korean.convert_values(english) == expected


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("2023", "2023년"),
        ("2015–2018, 2020 and 2021", "2015~2018년과 2020년, 2021년"),
        ("2023-05", "2023년 5월"),
        ("2016-01 to 2016-03 or 2017-02", "2016년 1~3월과 2017년 2월"),
    ],
)
def test_periods_are_converted(english: str, expected: str) -> None:
    assert korean.convert_periods(english) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("한국은(는) 미국은(는)", "한국은 미국은"),
        ("일본이(가) 베트남과(와) 호주과(와)", "일본이 베트남과 호주와"),
        ("2020을(를) 2022을(를) 2023을(를)", "2020을 2022를 2023을"),
        ("서울(으)로 부산(으)로 독일(으)로 호주(으)로", "서울로 부산으로 독일로 호주로"),
        ("1(으)로 3(으)로 5(으)로", "1로 3으로 5로"),
        ("IMF이(가) UN이(가) HTML을(를) R(으)로", "IMF가 UN이 HTML을 R로"),
        ("적자(이)다 균형(이)다", "적자다 균형이다"),
        ("집적회로(HS 8542)은(는) 3.1%을(를)", "집적회로(HS 8542)는 3.1%를"),
        ("1억 달러\ue002을(를)", "1억 달러\ue002를"),
    ],
)
def test_particles_follow_the_last_sound(written: str, expected: str) -> None:
    assert korean.attach_particles(written) == expected
