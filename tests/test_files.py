"""A folder is replaced as a whole, also if a process ends in between."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dagster_project.files import load_yaml, replace_folder, write_yaml


def write_folder(folder: Path, text: str) -> None:
    with replace_folder(folder) as half:
        (half / "file.txt").write_text(text, encoding="utf-8")
        assert not (folder / "file.txt").exists() or (folder / "file.txt").read_text(encoding="utf-8") != text


def read_folder(folder: Path) -> str:
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    return (folder / "file.txt").read_text(encoding="utf-8")


def test_a_folder_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    for text in ("first", "second"):
        write_folder(tmp_path / "site", text)
        assert read_folder(tmp_path / "site") == text


def test_an_error_leaves_the_earlier_folder(tmp_path: Path) -> None:
    write_folder(tmp_path / "site", "first")
    with pytest.raises(ZeroDivisionError), replace_folder(tmp_path / "site"):
        raise ZeroDivisionError
    assert read_folder(tmp_path / "site") == "first"


def test_a_folder_that_a_killed_process_put_aside_is_restored(tmp_path: Path) -> None:
    write_folder(tmp_path / "site", "first")
    (tmp_path / "site").rename(tmp_path / ".site.earlier")
    with replace_folder(tmp_path / "site"):
        assert (tmp_path / "site" / "file.txt").read_text(encoding="utf-8") == "first"
    write_folder(tmp_path / "site", "second")
    assert read_folder(tmp_path / "site") == "second"


def test_fields_are_written_in_their_order_and_a_repeated_value_in_full(tmp_path: Path) -> None:
    day = date(2024, 1, 1)
    content = {"title": "수출", "since": day, "again": day}
    write_yaml(tmp_path / "a.yml", content)
    text = (tmp_path / "a.yml").read_text(encoding="utf-8")
    assert text == "title: 수출\nsince: 2024-01-01\nagain: 2024-01-01\n"
    assert load_yaml(text) == content
