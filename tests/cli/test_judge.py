"""A sentence is judged from the shell, metrics are listed, and one more file is one more metric everywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from dagster_project import metrics, publication
from dagster_project.catalog import Catalog
from dagster_project.claims import inputs, register
from dagster_project.claims.evaluator import Evaluator
from dagster_project.cli import judge
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.project import Project
from dagster_project.report import citing, documentation
from tests import bilateral
from tests.cli.test_commands import environment_of, run


def test_a_line_is_judged_as_it_is_typed(built: Project) -> None:
    said = run(built, "judge", "balance", "KOR", "CHN", "2023", "=", "-18bn")
    assert said.startswith("Supported when rounded: balance KOR CHN 2023 = -18bn")
    assert "which rounds to US$18bn" in said
    assert "Figures are available for " in said
    assert "balance_usd" not in said
    assert "select max(balance_usd)" in run(built, "judge", "balance KOR CHN 2023 = -18bn", "--sql")


@pytest.mark.long
def test_many_are_judged_from_files_and_a_fault_does_not_hide_the_others(built: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text("claim_id,claim\na,balance KOR CHN 2018 = $55.6bn\nb,balance KOR CHN 2018 = $62.8bn\n")
    found = json.loads(run(built, "judge", str(file), "--json", "--sql", "--published", "2025-12-15"))
    assert [(one["claim_id"], one["verdict"], one["diagnosis"]) for one in found] == [
        ("a", "supported_rounded", None),
        ("b", "contradicted", "period"),
    ]
    assert all(one["held"] and one["evidence_sql"] and one["as_of"] == "2025-12-15" for one in found)
    without = json.loads(run(built, "judge", str(file), "--json"))
    assert not [name for one in without for name in one if name.endswith("_sql")]
    file.write_text("claim_id,claim\na,balance KOR CHN 2018 = $55.6bn\nb,balance KOR CHN 2018 = banana\n")
    said = run(built, "judge", str(file), code=1)
    assert said.startswith("✗ b: 'banana' is not a valid value")
    assert "The others are judged" in said
    assert "There is no file" in run(built, "judge", str(tmp_path / "none.csv"), code=1)


@pytest.mark.long
def test_each_row_of_a_batch_has_its_own_result_or_fault_and_any_name(built: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    file.write_text(
        "claim_id,claim\nA-1,balance KOR CHN 2018 = $55.6bn\nÜ 2,balance KOR CHN 2018 = banana\n"
        f"3,exports KOR CHN 2023 = ${'9' * 200}\n4,a,b\n5,{'of ' * 6000}\nB,balance KOR CHN 2023 = $(18.0) billion\n"
    )
    out = bilateral.run(["judge", str(file), "--json"], environment_of(built))
    assert out.returncode == 1
    assert "Traceback" not in out.stderr
    found = {one["claim_id"]: one.get("verdict") or one["fault"] for one in json.loads(out.stdout)}
    assert list(found) == ["A-1", "Ü 2", "3", "4", "5", "B"]
    assert (found["A-1"], found["B"]) == ("supported_rounded", "supported_rounded")
    assert found["Ü 2"].startswith("'banana' is not a valid value")
    assert "at most 24 digits" in found["3"]
    assert "more cells" in found["4"]
    assert "no claim that can be judged" in found["5"]


@pytest.mark.long
def test_any_locale_bytes_and_a_closed_input_end_in_an_answer(built: Project, tmp_path: Path) -> None:
    line = "무역수지 한국 중국 2023 = 180억 달러 적자"
    ascii_only = {**os.environ, **environment_of(built), "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    start = [sys.executable, "-c", "from dagster_project.cli import main; main()", "judge"]
    done = subprocess.run([*start, line], env=ascii_only, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Supported when rounded" in done.stdout
    for words in ([], ["-"]):
        closed = subprocess.run(
            [*start, *words], env=ascii_only, capture_output=True, check=False, preexec_fn=lambda: os.close(0)
        )
        assert closed.returncode == 1
        assert b"Traceback" not in closed.stderr
    odd = subprocess.run([*start, b"balance KOR CHN 2023 = \xff\xfe"], env=ascii_only, capture_output=True, check=False)
    assert odd.returncode == 1
    assert b"Traceback" not in odd.stderr


@pytest.mark.long
def test_columns_have_several_names_and_others_are_left_out(built: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    sentence = '"South Korea logged a trade deficit of $18 billion with China last year, its first since 1992."'
    file.write_text(f"Sentence,date,mood\n{sentence},2024-01-10,gloomy\n")
    said = run(built, "judge", str(file))
    # One line on the whole, and the worst part first.
    assert said.startswith("1 supported when rounded, 1 supported: South Korea logged")
    assert (
        "Read as: South Korea's balance of trade in goods with China in 2023 was a deficit of 18 billion dollars."
        in said
    )
    assert "goods with China in 2023 was the first deficit since 1992." in said
    assert "Supported: South Korea logged" in said
    assert "By South Korea's statistics it is the first since 1992." in said
    file.write_text("claim,mood\nbalance KOR CHN 2018 = banana,gloomy\n")
    assert run(built, "judge", str(file), code=1).startswith("Columns ignored: mood.")
    file.write_text("headline,day\nKorea fell behind,2024-01-10\n")
    assert "no column `claim` or `metric`" in run(built, "judge", str(file), code=1)
    file.write_text("claim,date\nbalance KOR CHN 2018 = $1,000m, 2024-01-10\n")
    assert "Quote a cell that has a comma" in run(built, "judge", str(file), code=1)
    file.write_text("claim,date\nbalance KOR CHN 2018 = banana,2024-01-10\nbalance KOR CHN 2018 = apple,2024-01-10\n")
    assert "The others are judged" not in run(built, "judge", str(file), code=1)


@pytest.mark.long
def test_a_sentence_that_is_not_read_for_certain_has_the_figure_and_no_verdict(built: Project, tmp_path: Path) -> None:
    sentence = "Buoyant South Korea's exports to China were $224.8 billion in 2023."
    said = run(built, "judge", sentence)
    assert said.startswith("Compared, not judged: Buoyant South Korea")
    assert "The figures give US$124.82bn. Not understood: Buoyant." in said
    (found,) = json.loads(run(built, "judge", sentence, "--json"))
    assert (found["verdict"], found["unread"]) == ("compared", ["Buoyant"])
    said = run(built, "judge", "South Korea's chip exports to China fell 19.9% in 2023.", code=1)
    assert "no claim that can be judged: only trade in all goods can be judged, not a part of it" in said
    assert "'" not in said.split("Write it as")[1]


@pytest.mark.long
def test_an_amount_without_a_currency_says_how_it_is_read(built: Project, tmp_path: Path) -> None:
    # A shell makes 8bn of $18bn.
    said = run(built, "judge", "balance", "KOR", "CHN", "2023", "=", "8bn")
    assert "Read as US$8bn. Quote a $ in a shell: '$18bn'." in said
    # Where the figures bear the number out nothing was lost.
    said = run(built, "judge", "balance KOR CHN 2023 = -18bn")
    assert "Read as −US$18bn." in said
    assert "Quote a $" not in said
    assert "Read as" not in run(built, "judge", "balance KOR CHN 2023 = -$18bn")
    assert "Read as" not in run(built, "judge", "export_share KOR CHN 2023 = 19.7%")
    (tmp_path / "one.txt").write_text("balance KOR CHN 2023 = -18bn\n")
    assert "Read as" not in run(built, "judge", str(tmp_path / "one.txt"))


@pytest.mark.long
def test_a_claim_goes_into_the_register(warehouse: Project) -> None:
    line = ("judge", "balance KOR CHN last year = -18bn", "--register", "paper", "--published", "2024-01-10")
    assert "Name its publisher" in run(warehouse, *line, code=1)
    assert not (warehouse.claims / "paper.yml").exists()
    run(warehouse, *line, "--publisher", "A paper")
    run(warehouse, "judge", "exports KOR CHN last year = $124.8bn", "--register", "paper", "--published", "2024-01-10")
    (article,) = [one for one in register.read_register(warehouse.claims) if one.article_id == "paper"]
    assert [claim.claim_id for claim in article.claims] == ["paper_1", "paper_2"]
    assert {claim.period.start for claim in article.claims} == {date(2023, 1, 1)}
    assert "2 of 2 claims" in run(warehouse, "claims", "check", str(warehouse.claims / "paper.yml"))
    assert "not a valid article_id" in run(warehouse, *line[:-3], "../elsewhere", "--publisher", "A paper", code=1)
    assert not (warehouse.claims.parent / "elsewhere.yml").exists()
    said = run(warehouse, *line[:-1], "2025-01-10", code=1)
    assert "claims/paper.yml has published_on: 2024-01-10, but these claims have 2025-01-10" in said
    assert "has publisher: A paper, but these" in run(warehouse, *line, "--publisher", "Another", code=1)
    # An article that is there already has its day, and a sentence is read by it, too.
    sentence = "Korea ran a trade deficit of $18 billion with China last year."
    for words in ("balance KOR CHN last year = deficit", sentence):
        said = run(warehouse, "judge", words, "--register", "paper")
        assert "Supported" in said
        assert "As known on 2024-01-10" in said
    (article,) = [one for one in register.read_register(warehouse.claims) if one.article_id == "paper"]
    assert {claim.period.start for claim in article.claims} == {date(2023, 1, 1)}
    assert len(article.claims) == 4
    said = run(warehouse, "judge", sentence, "--register", "paper", code=1)
    assert f"claims/paper.yml already has this claim: {sentence}" in said
    unsure = "Buoyant Korea ran a trade deficit of $18 billion with China last year."
    assert "was not fully understood" in run(warehouse, "judge", unsure, "--register", "paper", code=1)
    assert len(register.parse_article((warehouse.claims / "paper.yml").read_text(), "paper").claims) == 4


@pytest.mark.long
def test_the_register_keeps_what_a_file_says_of_its_article(warehouse: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    head = "claim,date,publisher,title,names_reporter\n"
    row = "balance KOR CHN last year = -18bn,2024-01-10,A paper,Of a deficit,KOR\n"
    file.write_text(head + row + row.replace("= -18bn", "= deficit"))
    run(warehouse, "judge", str(file), "--register", "paper", "--published", "2026-01-10")
    (article,) = [one for one in register.read_register(warehouse.claims) if one.article_id == "paper"]
    assert (str(article.published_on), article.publisher, article.title) == ("2024-01-10", "A paper", "Of a deficit")
    assert article.names_reporter == "KOR"
    # The year before the article, and not the one before --published, is judged and kept.
    assert [(claim.period.start, claim.names_reporter) for claim in article.claims] == [(date(2023, 1, 1), True)] * 2
    (tmp_path / "one.yml").write_text("{url: 'https://paper.example', claim: balance KOR CHN 2023 = deficit}")
    said = run(warehouse, "judge", str(tmp_path / "one.yml"), "--register", "paper", code=1)
    assert "claims/paper.yml has no url, but these claims have https://paper.example. Change the file" in said
    file.write_text(head + row + row.replace("A paper", "Another"))
    assert "publisher is A paper and also Another" in run(warehouse, "judge", str(file), "--register", "two", code=1)
    file.write_text(head + row + row.replace("KOR\n", "\n"))
    said = run(warehouse, "judge", str(file), "--register", "two", code=1)
    assert "claim 2 has no names_reporter, but other claims have KOR" in said
    file.write_text("metric,reporter,partner,period,says,names_reporter\nbalance,KOR,CHN,2023,deficit,Korea\n")
    run(warehouse, "judge", str(file), "--register", "parts", "--publisher", "A paper", "--published", "2024-01-10")
    (article,) = [one for one in register.read_register(warehouse.claims) if one.article_id == "parts"]
    assert (article.names_reporter, article.claims[0].statement) == ("KOR", "balance KOR CHN 2023: deficit")
    file.write_text(head + row + row.replace("-18bn", "banana"))
    said = run(warehouse, "judge", str(file), "--register", "three", code=1)
    assert "The others are judged. Nothing is added to the register." in said
    assert not (warehouse.claims / "three.yml").exists()


@pytest.mark.long
def test_a_claim_may_name_no_reporter_where_its_article_does(warehouse: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.yml"
    file.write_text(
        "publisher: A paper\npublished_on: 2024-01-10\nnames_reporter: KOR\nclaims:\n"
        "- {claim: balance KOR CHN 2023 = -18bn, names_reporter: false}\n- {claim: balance KOR CHN 2023 = deficit}\n"
    )
    run(warehouse, "judge", str(file), "--register", "paper")
    (article,) = [one for one in register.read_register(warehouse.claims) if one.article_id == "paper"]
    assert article.names_reporter == "KOR"
    assert [claim.names_reporter for claim in article.claims] == [False, True]


@pytest.mark.long
def test_what_is_not_in_utf_8_is_refused_and_a_mark_of_it_is_read(built: Project, tmp_path: Path) -> None:
    file = tmp_path / "claims.csv"
    text = "claim\n무역수지 한국 중국 2023 = -180억\n"
    file.write_bytes(text.encode("cp949"))
    assert "claims.csv is not UTF-8 text" in run(built, "judge", str(file), code=1)
    said = run(built, "judge", "-", stdin=text.encode("cp949"), code=1)
    assert "Standard input is not UTF-8 text" in said
    file.write_bytes(text.encode("utf-8-sig"))
    assert "Supported when rounded" in run(built, "judge", str(file))
    assert "Supported when rounded" in run(built, "judge", "-", stdin=text.encode("utf-8-sig"))


def test_metrics_are_listed_and_shown(built: Project) -> None:
    said = run(built, "metrics")
    assert all(name in said for name in catalogue.load_metrics())
    assert "무역수지" in run(built, "metrics", "balance")
    assert "Did you mean balance" in run(built, "metrics", "balanc", code=1)


RE_EXPORTS = """name: double_exports
title: Twice the exports of goods to {partner}
what: What nobody counts.
unit: US$
names: {en: [double exports], ko: [두배 수출]}
valuation: FOB
flow: export
role: exporter
adds_up: sum
mart:
  A: {table: marts.trade_balance_annual, column: 2 * exports_usd}
"""


@pytest.mark.long
def test_one_file_more_is_one_metric_more_everywhere(
    built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(catalogue.FOLDER, tmp_path / "metrics")
    (tmp_path / "metrics" / "double_exports.yml").write_text(RE_EXPORTS)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path / "metrics")
    judge.metrics(None)
    assert "double_exports" in capsys.readouterr().out
    assert "`double_exports`" in documentation.render_dictionary([])
    with publication.open_published(built) as connection:
        models = Catalog(built).models
        article = inputs.make_article(connection, {"claim": "두배 수출 KOR CHN 2023 = $249.6bn"}, where="x",
                                published_on=date(2026, 10, 1))  # fmt: skip
        judged = Evaluator(connection, models).evaluate_claim(article, article.claims[0])
        assert judged.verdict is not None
        assert judged.verdict.verdict == "supported_rounded"
        figure = metrics.read_figures(connection, metrics.load_metrics()["double_exports"], "KOR", "CHN")[-1]
        (cited,) = citing.cite_figures(connection, models, [figure.id])
        assert cited["value"] == figure.value
        from dagster_project.report.pair import Pair

        assert figure in Pair(built, connection, "KOR", "CHN").list_figures()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("unit: US$\n", "", "has the wrong fields"),
        ("role: exporter", "reads: [gone]", r"gone\.sql does not exist\. Write the file"),
        ("name: double_exports", "name: other", "Rename the file or the metric."),
        ("role: exporter", "confused_with: [nothing]", "there is no metric nothing"),
    ],
)
def test_a_faulty_metric_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    (tmp_path / "double_exports.yml").write_text(RE_EXPORTS.replace(old, new))
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    with pytest.raises(BilateralError, match=said):
        catalogue.load_metrics()
