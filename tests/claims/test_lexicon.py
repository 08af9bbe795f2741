"""A language is a file of words, and a phrase is looked up in a text that is folded without moving a character."""

from __future__ import annotations

from dagster_project.claims.lexicon import FOLDER, detect_language, fold_text, load_lexicon, simplify_chinese


def test_a_language_is_a_file() -> None:
    assert {"en", "ko", "zh"} <= {path.stem for path in FOLDER.glob("*.yml")}
    kinds = [
        {kind for senses in load_lexicon(path.stem).senses.values() for kind in senses} for path in FOLDER.glob("*.yml")
    ]
    assert {"metric", "side", "move", "deny", "unit", "scale", "filler"} <= set.intersection(*kinds)
    assert [detect_language(text) for text in ("exports to China", "대중 수출 in 2023", "對華出口")] == [
        "en",
        "ko",
        "zh",
    ]


def test_the_longest_phrase_comes_first() -> None:
    found = list(load_lexicon("en").list_phrases("south korea", 0))
    assert found[0][0] == len("south korea")
    assert found[0][1]["economy"] == "KOR"


def test_folding_moves_no_character() -> None:
    text = "South–Korea’s “Exports”\uff1a\uff11\uff12％"
    assert len(fold_text(text)) == len(text)
    assert fold_text("−5% Year-on-Year") == "-5% year on year"
    assert simplify_chinese("對華出口") == "对华出口"
