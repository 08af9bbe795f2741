"""The catalogue: every text is collected, translated, and keeps its places."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from dagster_project import languages
from dagster_project.errors import BilateralError
from dagster_project.languages import translate, use_language
from tests.languages import extraction

ROOT = Path(__file__).parents[2]
PLACE = re.compile(r"\{(\w+)\}")


def collect_texts() -> set[str]:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    assert methods
    found = extract_from_dir(ROOT, methods, options, keywords={"translate": None})
    return {str(message) for _, _, message, _, _ in found}


@pytest.fixture(scope="module")
def collected() -> set[str]:
    return collect_texts()


def test_the_catalogue_has_every_text(collected: set[str]) -> None:
    with (ROOT / "dagster_project/languages/ko/messages.po").open("rb") as file:
        messages = {str(one.id): str(one.string) for one in read_po(file) if one.id}
    assert sorted(collected - messages.keys()) == []
    assert sorted(messages.keys() - collected) == []
    assert [text for text, written in messages.items() if not written] == []
    assert {
        text: written for text, written in messages.items() if not {*PLACE.findall(written)} <= {*PLACE.findall(text)}
    } == {}


def test_a_formatted_text_has_a_message(collected: set[str]) -> None:
    """Babel skips f-strings, so each one that is passed to `translate` must fit a message with places."""
    known = {PLACE.sub("{}", text) for text in collected}
    for path in sorted((ROOT / "dagster_project").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "translate":
                for text in (
                    part for given in call.args for part in ast.walk(given) if isinstance(part, ast.JoinedStr)
                ):
                    shape = "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in text.values)
                    # A sentence more may follow, and a unit is one of several messages.
                    fits = [one for one in known if shape.startswith(one) or one.endswith(shape)]
                    assert fits or shape in {"{} {}", "converted from {} at {}"}, f"{path}: {shape}"


def test_extraction_reads_every_part_of_a_header(tmp_path: Path) -> None:
    path = tmp_path / "00_x.sql"
    path.write_text(
        "/*\nquestion: Q?\nread: R.\nlimits: L.\nparameters:\n  a: KOR | A.\n  b: the last | B.\n"
        "columns:\n- one, two (of x)\n- three: US$ | Three.\nseries:\n  one: Label\n*/\nselect 1\n/*\nx;\n*/\n"
    )
    with path.open("rb") as file:
        texts = [text for _, _, text, _ in extraction.extract_questions(file)]
    assert texts == ["Q?", "R.", "L.", "Label", "the last", "one", "two", "three", "US$"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(BilateralError, match="no language 'xx'"), use_language("xx"):
        pass


def test_english_is_left_as_it_is() -> None:
    assert translate("The figures give US$18.04bn.") == "The figures give US$18.04bn."
    assert translate("{value}, as {id}", value=1, id="x") == "1, as x"


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("South Korea", "한국"),
        ("the United States", "미국"),
        ("KOR", "한국"),
        ("France", "프랑스"),
        (
            "The figures give a deficit of US$18.04bn, which rounds to US$18bn.",
            "통계로는 180억 4,000만 달러 적자로, 반올림하면 주장과 같은 180억 달러다.",
        ),
        (
            "The figures give a deficit of US$11.17bn, not a surplus of US$5bn.",
            "통계로는 50억 달러 흑자가 아니라 111억 7,000만 달러 적자다.",
        ),
        (
            "The figures give a deficit of US$69bn, within US$5bn of the claimed US$70bn.",
            "통계로는 690억 달러 적자로, 주장한 700억 달러와의 차이가 허용 오차 50억 달러 이내다.",
        ),
        (
            "China's statistics show the opposite, a surplus of US$12.7bn.",
            "중국 통계로는 반대로 127억 달러 흑자다.",
        ),
        (
            "China's statistics show a surplus of US$95.8bn for South Korea.",
            "중국 통계로도 한국이 958억 달러 흑자다.",
        ),
        (
            "Figures of China Customs, known here only as quoted in Yonhap, show the opposite, a surplus of US$12.7bn.",
            "Yonhap에 인용된 중국 해관총서 수치로는 반대로 127억 달러 흑자다.",
        ),
        (
            "By the figures the surplus of 2018 ranks second, not 11th.",
            "통계로는 2018년 흑자가 역대 11위가 아니라 2위다.",
        ),
        ("This happened in 2023-07, not on 2023-08-01.", "2023년 8월 1일이 아니라 2023년 7월에 있었던 일이다."),
        # The first statistics that a reason names agree with no others yet.
        (
            "South Korea's statistics show a switch from surplus to deficit, as claimed.",
            "한국 통계로는 주장대로 흑자에서 적자로 돌아섰다.",
        ),
        ("There is no question 99.", "질문 99는 없다."),
        ("The figures give a fall of 1.7%, not a rise of 5%.", "통계로는 5% 증가가 아니라 1.7% 감소다."),
        (
            (
                "The figures give a fall of US$73.7bn in the balance of trade in goods, which makes a deficit larger, "
                "as claimed."
            ),
            "통계로는 상품수지가 737억 달러 나빠져 주장대로 적자가 늘었다.",
        ),
        (
            "Exports: US$37.36m is 12.5% of the US$1.05bn that the partner reports.",
            "수출: 3,736만 달러는 상대국 통계(10억 5,000만 달러)의 12.5%다.",
        ),
        (
            "US$0.04m is 2.2 times the US$0.02m that the partner reports, and the other flow is missing.",
            "4만 달러는 상대국 통계(2만 달러)의 2.2배이며, 이 자료에는 수출과 수입 가운데 나머지 한쪽의 통계가 없다.",
        ),
        ("exports and imports", "수출과 수입"),
        ("No such text, with US$1.00bn.", "No such text, with 10억 달러."),
    ],
)
def test_texts_are_matched_with_their_messages(english: str, expected: str) -> None:
    with use_language("ko"):
        assert translate(english) == expected


def test_the_environment_names_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(languages.VARIABLE, "ko")
    assert translate("exports") == "수출"
