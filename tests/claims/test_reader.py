"""Sentences are read by their parts, and words that were not understood prevent a verdict."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest

from dagster_project.claims import reader
from dagster_project.claims.clause import Context, Pair
from dagster_project.claims.reader import Reading

ON = date(2025, 3, 1)


def read(sentence: str, on: date = ON, context: Context | None = None) -> list[Reading]:
    return reader.read_sentence(sentence, on, context)


def line(reading: Reading) -> str:
    slots = reading.slots
    names = ("metric", "item", "reporter", "partner", "period", "comparator", "says")
    words = [slots[name] for name in names if slots.get(name)]
    return " ".join(word for word in words if word != "equals")


# Each with the claims that it makes, all of which may be judged.
JUDGED = {
    "South Korea's share of China's imports fell to 6.3% in 2023.": ["import_share CHN KOR 2023 6.3 percent"],
    "South Korea's trade deficit with China widened by $18 billion in 2023.": [
        "balance KOR CHN 2023 deficit rose by 18 billion dollars"
    ],
    "South Korea ran a deficit with China for the first time in three decades in 2023.": [
        "balance KOR CHN 2023 first_in deficit 3 decades"
    ],
    "South Korea's exports to China were $11.4 billion in July 2024, the highest since October 2022.": [
        "exports KOR CHN 2024-07 11.4 billion dollars",
        "exports KOR CHN 2024-07 record_since 2022-10",
    ],
    "South Korea logged a trade deficit of $18 billion with China in 2023, its first since 1992.": [
        "balance KOR CHN 2023 deficit of 18 billion dollars",
        "balance KOR CHN 2023 first_since deficit 1992",
    ],
    "South Korea's exports to China fell to $124.8 billion in 2023, down 19.9% from a year earlier.": [
        "exports KOR CHN 2023 124.8 billion dollars",
        "exports KOR CHN 2023 fell 19.9 percent",
    ],
    "South Korea’s exports to China came to 124-point-eight billion dollars in 2023, down 19-point-nine percent.": [
        "exports KOR CHN 2023 124.8 billion dollars",
        "exports KOR CHN 2023 fell 19.9 percent",
    ],
    "South Korea's trade deficit with China narrowed to $6.9 billion in 2024 from $18 billion a year earlier.": [
        "balance KOR CHN 2024 deficit of 6.9 billion dollars",
        "balance KOR CHN 2023 deficit of 18 billion dollars",
        "balance KOR CHN 2023->2024 deficit fell",
    ],
    "South Korea's exports to China fell by $31 billion in 2023.": ["exports KOR CHN 2023 fell by 31 billion dollars"],
    "South Korea's exports to China fell by nearly a fifth in 2023.": ["exports KOR CHN 2023 fell about a fifth"],
    "South Korea's exports to China dropped more than a quarter in 2009.": [
        "exports KOR CHN 2009 fell more than a quarter"
    ],
    "South Korea's trade surplus with China more than halved in 2022 from a year earlier.": [
        "balance KOR CHN 2022 surplus more than halved"
    ],
    "South Korea's exports to China more than doubled between 2005 and 2012.": [
        "exports KOR CHN 2005->2012 more than doubled"
    ],
    "China took in about a quarter of South Korea's exports in 2018.": ["export_share KOR CHN 2018 about a quarter"],
    "South Korea posted a third straight annual deficit with China in 2025.": ["balance KOR CHN 2025 streak 3 deficit"],
    "South Korea's exports to the world were $632.2 billion in 2023.": ["exports KOR WLD 2023 632.2 billion dollars"],
    "South Korea ran its largest surplus with the United States in history in 2024.": [
        "balance KOR USA 2024 record surplus"
    ],
    "China bought $181.9 billion of South Korean goods in 2024.": ["imports CHN KOR 2024 181.9 billion dollars"],
    "South Korea's exports to China exceeded $130 billion in 2024.": [
        "exports KOR CHN 2024 more than 130 billion dollars"
    ],
    "South Korea's trade deficit with China hit a record in 2023.": ["balance KOR CHN 2023 record deficit"],
    "South Korea posted its third consecutive annual deficit with China in 2025.": [
        "balance KOR CHN 2025 streak 3 deficit"
    ],
    "South Korea's exports to China fell for the third straight year in 2024.": ["exports KOR CHN 2024 streak 3 fell"],
    "South Korea's shipments to China dropped 27.3 percent on-year in the first five months of 2023.": [
        "exports KOR CHN 2023-01..2023-05 fell 27.3 percent"
    ],
    "China accounted for 19.7 percent of South Korea's exports in 2023.": ["export_share KOR CHN 2023 19.7 percent"],
    "China's share of South Korea's exports fell 3.1 percentage points to 19.7% in 2023.": [
        "export_share KOR CHN 2023 fell 3.1 percentage points",
        "export_share KOR CHN 2023 19.7 percent",
    ],
    "China remained South Korea's largest trading partner in 2023.": ["trade_rank KOR CHN 2023 1"],
    "South Korea's imports of Japanese goods fell 12.9 percent from 2018 to 2019.": [
        "imports KOR JPN 2018->2019 fell 12.9 percent"
    ],
    "South Korea ran a surplus with China every year from 1993 to 2022.": ["balance KOR CHN 1993..2022 each surplus"],
    "According to Korea Customs Service, trade between South Korea and China reached $310.4 billion in 2022.": [
        "total_trade KOR CHN 2022 310.4 billion dollars"
    ],
    "The number of Chinese travelers to South Korea was 254,930 in June 2017.": [
        "visitor_arrivals KOR CHN 2017-06 254,930 people"
    ],
    "South Korea's exports to China were a whopping $162.9 billion in 2021.": [
        "exports KOR CHN 2021 162.9 billion dollars"
    ],
    "Services accounted for about 57 percent of China's GDP in 2024.": ["services_in_gdp CHN 2024 about 57 percent"],
    "The Korea-China free trade agreement was signed on June 1, 2015.": ["event_date E005.signed 2015-06-01"],
    "지난해 한국의 대중국 수출은 1천330억 달러로 전년보다 6.6% 증가했다.": [
        "exports KOR CHN 2024 133.0 billion dollars",
        "exports KOR CHN 2024 rose 6.6 percent",
    ],
    "한국은 2023년 중국과의 무역에서 31년 만에 첫 적자를 냈다.": ["balance KOR CHN 2023 first_in deficit 31 years"],
    "2023년 한국의 대중국 수출은 310억 달러 감소했다.": ["exports KOR CHN 2023 fell by 31.0 billion dollars"],
    "한국은 2025년 대중 무역에서 3년 연속 적자를 기록했다.": ["balance KOR CHN 2025 streak 3 deficit"],
    "2025년 1~11월 한국의 대중 무역적자는 104억 달러였다.": [
        "balance KOR CHN 2025-01..2025-11 deficit of 10.4 billion dollars"
    ],
    "한국의 대중 무역수지는 2023년 180억 달러 적자로 돌아섰다.": [
        "balance KOR CHN 2023 deficit of 18.0 billion dollars",
        "balance KOR CHN 2022->2023 sign_change",
    ],
    "한국무역협회에 따르면 지난달 대미 수출은 100억 달러(약 13조6267억원)였다.": [
        "exports KOR USA 2025-02 10 billion dollars"
    ],
    "2023년 한국의 전체 수출에서 중국이 차지하는 비중은 19.7%였다.": ["export_share KOR CHN 2023 19.7 percent"],
    "South Korea shipped $162.1 billion of goods to China in 2018, accounting for 26.8 percent of its total exports.": [
        "exports KOR CHN 2018 162.1 billion dollars",
        "export_share KOR CHN 2018 26.8 percent",
    ],
    "In 2023, 19.7 percent of South Korea's exports went to China.": ["export_share KOR CHN 2023 19.7 percent"],
    "China imported South Korean products worth $158.9 billion in 2016.": [
        "imports CHN KOR 2016 158.9 billion dollars"
    ],
    "South Korea's exports to China rose 23 percent in 2021 from 2019.": ["exports KOR CHN 2019->2021 rose 23 percent"],
    "South Korea's exports to China fell 5.2 percent ($6.8 billion) in 2023.": [
        "exports KOR CHN 2023 fell 5.2 percent",
        "exports KOR CHN 2023 fell by 6.8 billion dollars",
    ],
    "South Korea's exports to China, its top trading partner, fell 19.9 percent to $124.8 billion in 2023.": [
        "exports KOR CHN 2023 fell 19.9 percent",
        "exports KOR CHN 2023 124.8 billion dollars",
        "trade_rank KOR CHN 2023 1",
    ],
    "South Korea's exports to China rebounded 6.6 percent in 2024 after a 19.9 percent plunge in 2023.": [
        "exports KOR CHN 2024 rose 6.6 percent",
        "exports KOR CHN 2023 fell 19.9 percent",
    ],
    "South Korea's deficit with China shrank 62 percent in 2024, the Ministry of Trade, Industry and Energy said.": [
        "balance KOR CHN 2024 deficit fell 62 percent"
    ],
    "지난해 한국의 대중 수출은 1.7% 줄어든 1308억달러, 대미 수출은 3.8% 감소한 1229억달러였다.": [
        "exports KOR CHN 2024 fell 1.7 percent",
        "exports KOR CHN 2024 130.8 billion dollars",
        "exports KOR USA 2024 fell 3.8 percent",
        "exports KOR USA 2024 122.9 billion dollars",
    ],
    "한국과 중국은 1992년 8월 24일 수교했다.": ["event_date E001.in_force 1992-08-24"],
    "2013년 한국은 중국의 최대 흑자국이었다": ["surplus_rank CHN KOR 2013 1"],
    "한국의 대중 수입은 1992년 37억3000만달러에서 2011년 864억3000만달러로 증가했다.": [
        "imports KOR CHN 1992 3.73 billion dollars",
        "imports KOR CHN 2011 86.43 billion dollars",
    ],
    "2023年韩国对华贸易逆差为180亿美元，为31年来首次。": [
        "balance KOR CHN 2023 deficit of 18.0 billion dollars",
        "balance KOR CHN 2023 first_in deficit 31 years",
    ],
    "韓國產業通商資源部6日發佈數據顯示，2023年1月到5月對中出口額497億美元，同比減少27.3%。": [
        "exports KOR CHN 2023-01..2023-05 49.7 billion dollars",
        "exports KOR CHN 2023-01..2023-05 fell 27.3 percent",
    ],
    "据中国海关统计，2022年中韩贸易额达3623亿美元。": ["total_trade CHN KOR 2022 362.3 billion dollars"],
}


@pytest.mark.parametrize("sentence", JUDGED)
def test_a_sentence_makes_a_claim_for_each_number(sentence: str) -> None:
    found = read(sentence)
    assert [line(one) for one in found] == JUDGED[sentence]
    assert {one.outcome for one in found} == {"judged"}


@pytest.mark.parametrize("sentence", JUDGED)
def test_a_reading_is_described_in_english(sentence: str) -> None:
    for one in read(sentence):
        said = reader.describe_reading(one.slots, {"KOR": "South Korea", "CHN": "China"})
        assert not re.search(
            r"\b(was|were) (streak|each|record (since|first|\d)|sign|first|more than (halv|doubl))", said
        )
        assert not re.search(r"was a (deficit|surplus) (rose|fell|more)|to World|^Read as: Event \S+ was", said)


@pytest.mark.parametrize(
    ("sentence", "judged"),
    [
        (
            "South Korea's exports to China fell in 2023 by 19.9%, or $31 billion.",
            ["exports KOR CHN 2023 fell 19.9 percent"],
        ),
        ("South Korea's exports to China in 2024 were $8.2 billion higher.", ["exports KOR CHN 2024 rose"]),
        (
            "South Korea's exports to China fell to $124.8 billion in 2023 from a record $162.9 billion in 2021.",
            ["exports KOR CHN 2023 124.8 billion dollars", "exports KOR CHN 2021 162.9 billion dollars"],
        ),
        (
            "South Korea's exports to China fell by a fifth of $155.8 billion in 2023.",
            ["exports KOR CHN 2023 fell a fifth"],
        ),
        (
            "South Korea's exports to China totaled $124.8 billion in 2023, below the $162.9 billion of 2021.",
            ["exports KOR CHN 2023 124.8 billion dollars"],
        ),
        (
            "South Korea's exports to China surpassed $160 billion in 2021, more than $155.8 billion in 2022.",
            ["exports KOR CHN 2021 more than 160 billion dollars"],
        ),
        (
            (
                "Korea's trade with China slid into the red in 2023 for the first time since the two set up "
                "formal ties in 1992."
            ),
            ["balance KOR CHN 2023 first_since deficit 1992", "balance KOR CHN 2022->2023 sign_change"],
        ),
        (
            "Korea's deficit with Japan was $16.4 billion in 2019, a 32% decrease from the previous year ($24.1bn).",
            [
                "balance KOR JPN 2019 deficit of 16.4 billion dollars",
                "balance KOR JPN 2019 deficit fell 32 percent",
                "balance KOR JPN 2018 deficit of 24.1 billion dollars",
            ],
        ),
    ],
)
def test_of_a_sentence_only_the_certain_parts_are_judged(sentence: str, judged: list[str]) -> None:
    assert [line(one) for one in read(sentence) if one.outcome == "judged"] == judged


# No verdict may come of these, whatever else is read of them.
NEVER_JUDGED = (
    # Denied, left out, narrowed.
    "South Korea's exports to China did not fall in 2023.",
    "South Korea's exports to China except chips fell 19.9% in 2023.",
    "South Korea's exports to China fell 19.9% in 2023, chips aside.",
    "South Korea's semiconductor exports to China fell 19.9% in 2023.",
    "The government denied that South Korea's exports to China fell 19.9% in 2023.",
    "South Korea's daily average exports to China fell 19.9% in 2023.",
    "In 2024 South Korea's monthly exports to China were $133 billion.",
    "2024년 한국의 월평균 대중국 수출은 1330억 달러였다.",
    "South Korea's exports to China exceeded $130 billion for the first time in 2024.",
    "South Korea's exports to China first exceeded $130 billion in 2024.",
    "South Korea's exports to China hit a record low of $124.8 billion in 2023.",
    "South Korea's exports to China in won terms fell 19.9% in 2023.",
    "2023년 한국의 대중국 수출은 1248억 달러가 아니다.",
    "반도체를 제외한 한국의 대중 수출은 2023년 15% 감소했다.",
    "2023년 한국의 대중 수출은 19.9% 감소하지 않았다.",
    # Not yet so, or only if.
    "Korea will export $124.8 billion to China in 2023.",
    "South Korea's exports to China may reach $124.8 billion in 2023.",
    "If South Korea's exports to China fell 19.9% in 2023, growth would slow.",
    "South Korea aims to export $124.8 billion to China in 2023.",
    "한국의 대중 수출이 2023년 19.9% 감소할 것으로 전망된다.",
    "2023年韩国对中国出口预计下降19.9%。",
    "Did South Korea's exports to China fall 19.9% in 2023?",
    # Several of what there may be one of, or one that is not said.
    "South Korea's exports to China and Vietnam fell 19.9% in 2023.",
    "South Korea's exports and imports with China fell 19.9% in 2023.",
    "South Korea's exports fell 19.9% in 2023.",
    "South Korea's exports to China fell 19.9%.",
    "South Korea's exports to China doubled in 2010.",
    "South Korea's exports to China saw double-digit growth in 2021.",
    "South Korea's exports to China rose for a third of the year in 2023.",
    "South Korea's exports made it the world's sixth-largest exporter in 2023.",
    "Exports to China fell 19.9% in 2023.",
    "Trade between South Korea and China reached $310.4 billion in 2022.",
    "South Korea's exports to China fell 19.9% in 2023 from 2022 and $1 billion.",
    "By 2023, that flipped to a deficit of $18 billion, the first in over three decades.",
    # Another basis, another span, another currency.
    "South Korea's exports to China fell 19.9% from the previous month in December 2023.",
    "South Korea's exports to China fell 19.9% in the year to May 2023.",
    "South Korea's exports to China grew at an average of 5% from 2018 to 2023.",
    "이달 1~20일 대중 수출은 36.2% 감소했다",
    "As of Nov. 20, South Korea's deficit with China stood at $10 billion.",
    "South Korea's exports to China were €124.8 billion in 2023.",
    # A record of how much it moved is no record of it.
    "South Korea's exports to China fell by a record $31 billion in 2023.",
    "South Korea's exports to China fell to a record low in 2023.",
    "2023년 한국의 대중 수출은 역대 최대 감소를 기록했다",
    "South Korea's exports to China fell 19.9% in 2023, the biggest drop since 2009.",
    "South Korea's exports to China were $10.9 billion in December 2023, the highest in 15 months.",
    "South Korea posted its first deficit with China on record in 2023.",
    "South Korea's exports to China were nearly 10 times higher than $12 billion in 2023.",
    "According to China's customs, South Korea's exports to China were $162.5 billion in 2023.",
    "In the 2010s, South Korea's exports to China were $124.8 billion.",
    "In 2023 China's exports were $3.38 trillion, of which South Korea took $149 billion.",
    "South Korea's exports to China came to less than half of its 2018 level, $162 billion, in 2023.",
    "2023년 한국의 대중 수출은 3년 만에 최고치를 기록했다.",
    "两国建交30年来,双边贸易总额从1992年64亿美元增长到2021年的3015亿美元。",
    "중국은 2020년(236억달러)과 2021년(242억달러)에는 한국의 흑자국 3위였다가 지난해에는 밀려났다.",
    # Value added is no value of trade.
    "The value added of South Korea's exports to China was $124.8 billion in 2023.",
    # Per cent of something else, or of a movement; a movement of a movement.
    "Korea accounted for 9.6 percent of exports to China in 2023.",
    "South Korea's exports to the U.S. made up 92.7 percent of its exports to China in 2023.",
    "China accounted for 30 percent of the fall in South Korea's exports in 2023.",
    "South Korea's exports to China accounted for 30 percent of its exports to Asia in 2023.",
    "China's share of South Korea's trade deficit was 18 percent in 2023.",
    "China's service sector accounted for 60 percent of growth in GDP in 2018.",
    "Growth in South Korea's exports to China slowed to 5 percent in 2023.",
    "The decline in South Korea's exports to China widened to 5 percent in December 2023.",
    "South Korea's exports to China grew at a slower pace of 5 percent in 2023.",
    "Japan's exports to China fell 6.5 percent in 2023.",
    "South Korea's deficit with China was 10 percent of its total trade in 2023.",
    # Another figure, and no bound.
    "South Korea's exports to China in 2023 were less than the $162.9 billion in 2021.",
    "South Korea's exports to China in 2021 exceeded the $162.1 billion of 2018.",
    # Somebody's, or of something.
    "Exports of South Korean products made in China came to $124.8 billion in 2023.",
    "China took 19.7 percent of South Korea's chip exports in 2023.",
    "Samsung's exports to China from South Korea came to $124.8 billion in 2023.",
    "Exports to China from the province of Gyeonggi, South Korea, came to $124.8 billion in 2023.",
    "South Korea's small firms exported $124.8 billion to China in 2023.",
    "South Korean exporters sold $124.8 billion of goods made in Vietnam to China in 2023.",
    "China bought South Korean beauty products worth $124.8 billion in 2023.",
    "South Korea's exports of services to China came to $124.8 billion in 2023.",
    "South Korea's exports to China excluding semiconductors came to $124.8 billion in 2023.",
    "South Korea's exports to China, including chips worth $36 billion, came to $124.8 billion in 2023.",
    "South Korea's exports to greater China came to $165 billion in 2023.",
    "South Korea's exports to China and Hong Kong totaled $150 billion in 2023.",
    "South Korea's imports from China, including Hong Kong, came to $142.9 billion in 2023.",
    "South Korea's agreed exports to China were $124.8 billion in 2023.",
    "South Korea's real exports to China fell 19.9 percent in 2023.",
    "South Korea's exports to China fell 19.9 percent in volume terms in 2023.",
    "South Korea's exports to China fell 19.9 percent in 2023 when measured in won.",
    "In 2013, the number of Chinese travelers to South Korea was 4.3 million, immigration data showed.",
    # Forecast, wished, denied, or nearly so.
    "South Korea's exports to China are expected to reach $124.8 billion in 2023.",
    "Analysts had forecast that South Korea's exports to China fell 25 percent in 2023.",
    "South Korea's exports to China had been $124.8 billion in 2023, the ministry had targeted.",
    "South Korea's trade deficit with China would have been $18 billion in 2023 without chips.",
    "South Korea's exports to China failed to reach $124.8 billion in 2023.",
    "Few expected South Korea's exports to China to fall 19.9 percent in 2023.",
    "South Korea's exports to China did not fall to $124.8 billion in 2023.",
    # Another period than the one that is named, or another basis.
    "South Korea's cumulative exports to China in November 2023 came to $114 billion.",
    "On a cumulative basis, South Korea's exports to China fell 19.9 percent in November 2023.",
    "As of Nov. 10, South Korea's exports to China in 2023 stood at $124.8 billion, data showed.",
    "Until the end of October 2023, South Korea's exports to China stood at $102 billion.",
    "South Korea's exports to China hit $124.8 billion in the fiscal year 2023.",
    "South Korea's exports to China hit $124.8 billion in the twelve months through December 2023.",
    "South Korea's exports to China were up 5 percent on the month in December 2023.",
    "South Korea's exports to China were up 5 percent month over month in December 2023.",
    "South Korea's quarterly exports to China averaged $31.2 billion in 2023.",
    "South Korea's exports to China have fallen 19.9 percent since 2022.",
    "South Korea's exports to China fell 19.9 percent from 2021 and 2022 in 2023.",
    "South Korea's exports to China fell 19.9 percent in the first half of 2023 from 2022.",
    "South Korea's exports to China were 19.9 percent below their level of 2021 in 2023.",
    # An amount that is the distance between two.
    "South Korea's exports to China were $18 billion less than its imports in 2023.",
    "South Korea's exports to China were $18 billion lower than imports from China in 2023.",
    "South Korea's trade deficit with China was half of the $36 billion it had in 2023.",
    "South Korea's exports to China fell 19.9 percent in 2023, or 1.6 times as much as to Japan.",
    "South Korea's exports to China and imports from China fell 19.9 percent and 7.6 percent in 2023.",
    "Two-way trade between South Korea and China fell 13.7 percent and 20 percent in 2023.",
    "South Korea's exports to China fell 19.9 percent in 2023 to a three-year low of $124.8 billion.",
    "South Korea's exports to China fell 19.9 percent, the most since 2009, in 2023.",
    "South Korea ranked second behind Taiwan in exports to China in 2023.",
    "The trade deficit of $18 billion with China in 2023 was South Korea's second.",
    "South Korea's exports to China fell for the first time in 2023.",
    "In the Red Sea crisis, South Korea's exports to China fell in 2023.",
    # One of several, or the one after another.
    "China was one of South Korea's largest trading partners in 2023.",
    "China was South Korea's largest export market after the United States in 2024.",
    "2023年中国是韩国最大贸易伙伴之一。",
    # A quantity, a price, a firm.
    "South Korea's export volume to China fell 19.9% in 2023.",
    "South Korean companies' exports to China fell 19.9% in 2023.",
    "2023년 한국의 대중 수출 물량은 19.9% 감소했다.",
    # A row without its end.
    "2022년 대중 무역은 5월부터 3개월 연속으로 적자를 보였다.",
    "China has been South Korea's largest trading partner since 2004.",
    "The United States overtook China as South Korea's largest export market in 2024.",
)


@pytest.mark.parametrize("sentence", NEVER_JUDGED)
def test_what_is_not_read_for_certain_is_never_judged(sentence: str) -> None:
    assert "judged" not in {one.outcome for one in read(sentence)}


def test_what_was_not_understood_is_kept() -> None:
    (found,) = read("Buoyant South Korea's exports to China fell 19.9% in 2023.")
    assert (found.outcome, found.unread) == ("compared", ("Buoyant",))
    assert line(found) == "exports KOR CHN 2023 fell 19.9 percent"


def test_a_part_of_a_month_is_not_held() -> None:
    found = read("For the first 20 days of January, South Korea's exports to China fell 24.4%.")
    assert [(one.outcome, one.can_have_figures) for one in found] == [("refused", False)]
    assert "first 20 days of January" in found[0].why[0]


def test_a_text_about_a_pair_says_it_where_a_sentence_points_back() -> None:
    context = Context(pair=Pair("KOR", "CHN", is_certain=True))
    read("In 2018, South Korea ran a surplus of $55.6 billion with China.", context=context)
    found = read("By 2023, that flipped to a deficit of $18 billion, the first in over three decades.", context=context)
    assert {one.outcome for one in found} == {"judged"}
    assert "balance KOR CHN 2023 first_in deficit at least 3 decades" in {line(one) for one in found}
    # What points nowhere may be of all trade, and so may what names one economy.
    for sentence in ("Exports fell 7.4% in 2023.", "South Korea recorded a trade deficit of $10 billion in 2023.",
                     "The country posted a trade deficit of $10 billion in 2023."):  # fmt: skip
        assert "judged" not in {one.outcome for one in read(sentence, context=context)}


def test_relative_periods_go_by_the_day_of_publication() -> None:
    for said, on, period in (
        ("last month", date(2024, 1, 15), "2023-12"),
        ("last year", date(2024, 1, 15), "2023"),
        ("in December", date(2024, 1, 15), "2023-12"),
        ("in the first quarter", date(2024, 4, 7), "2024-01..2024-03"),
        ("in the first 11 months of this year", date(2017, 12, 20), "2017-01..2017-11"),
    ):
        (found,) = read(f"South Korea's exports to China were $10 billion {said}.", on)
        assert (found.outcome, found.slots["period"]) == ("judged", period)


def test_numbers_that_are_not_about_trade_are_left_alone() -> None:
    assert read("The two leaders shook hands 3 times, and 1,200 guests attended a dinner in 2023.") == []
    assert read("The weather was fine in Seoul on the last day of May") == []


@pytest.mark.parametrize("piece", ["of ", "9", "수출한국의", "中国对韩国出口", "(", "-", "$1 billion ", "2023 ",
                                   "one point ", "\0",
                                   "exports to China fell 19.9% in 2023 and ", "January to ", "first time since ",
                                   "South Korea's exports to China fell 19.9% in 2023. "])  # fmt: skip
def test_any_text_is_read_in_time_that_grows_with_its_length(piece: str) -> None:
    read("exports"), read("수출"), read("出口")
    text = (piece * 20_000)[:20_000]
    began = time.process_time()
    for _, sentence in reader.split_sentences(text):
        read(sentence)
    assert time.process_time() - began < 2
