"""Name products in sentences; the labels of tables are the customs lists' own (core.products)."""

from __future__ import annotations

import re

# Names for products whose customs label reads badly in a sentence.
_PLAIN_NAMES = {
    "cobalt oxides and hydroxides; commercial cobalt oxides": "cobalt oxides and hydroxides",
    "compounds, inorganic or organic, of rare-earth metals; of yttrium or of scandium or of mixtures of these metals": (
        "compounds of rare-earth metals"
    ),
    "graphite; artificial": "artificial graphite",
    "graphite; natural": "natural graphite",
    "graphite; natural, in powder or in flakes": "natural graphite in powder or flakes",
    "inorganic bases, metal oxides, hydroxides and peroxides; n.e.c. in heading no. 2825": (
        "metal oxides and hydroxides not listed elsewhere"
    ),
    "salts of oxometallic or peroxometallic acids; n.e.c. in heading no. 2841": (
        "battery cathode materials and other salts of metal acids"
    ),
}


def shorten_label(product: str) -> str:
    """Shorten a product's label for use in a sentence: cut the label where a definition begins."""
    if plain := _PLAIN_NAMES.get(product.lower()):
        return plain
    # Name the examples of a group that is only a place in a list: goods by material (steel, textiles and so on).
    product = re.sub(r"^Goods .*\((.+), (.+) and so on\)$", r"goods such as \1 and \2", product)
    # Drop a synonym in brackets before "and": niobium (columbium) and vanadium.
    listed_on = re.sub(r" \([^)]*\)(?= and )", "", product)
    head = listed_on.split(", whether")[0].split("; articles thereof")[0].split(" (")[0]
    # An abbreviation keeps its capitals.
    first = head[:1].lower() if head[1:2].islower() else head[:1]
    return first + head[1:].replace("; ", ", ")
