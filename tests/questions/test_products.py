"""Products are named in sentences as readers know them."""

from __future__ import annotations

import pytest

from dagster_project.questions.products import shorten_label


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Graphite; natural, in powder or in flakes", "natural graphite in powder or flakes"),
        ("Goods by material (steel, textiles and so on)", "goods such as steel and textiles"),
        (
            "Gallium, germanium, indium, niobium (columbium) and vanadium, whether or not wrought; articles thereof",
            "gallium, germanium, indium, niobium and vanadium",
        ),
        ("Petroleum oils; crude", "petroleum oils, crude"),
        ("PVC plastics", "PVC plastics"),
    ],
)
def test_a_label_is_cut_where_its_definition_begins(label: str, name: str) -> None:
    assert shorten_label(label) == name
