"""Find English words that are left in a text of another language."""

from __future__ import annotations

import re

# What is written alike in every language: codes, commands, IDs, files, settings and names.
ALIKE = re.compile(
    r"`[^`]*`|UNCTADstat|\{\w+\}|(?:docs|warehouse)/[\w./]+|(?<![A-Za-z])[A-Z0-9_]{2,}(?![a-z])|[a-z_]+/[\w@-]+|\w+\.toml|core\.\w+"
    r"|[a-z]+_\w+(?: = \w+)?|world = true|enabled = true|\[\w+\]|BaTIS|Comtrade|imf|bok|kcs|kosis|comtrade|wits"
    r"|worldbank|Bilateral|BibTeX|Parquet|Global Trade Alert|data\.go\.kr|Rev\.|\d{8}T\d{6}Z?-\w+"
)


def list_english(text: str) -> list[str]:
    """List the English words of a text outside the marks of the pseudo-language."""
    while (plain := re.sub(r"⟦[^⟦⟧]*⟧", "", text)) != text:
        text = plain
    # A chart leaves out what a label says in brackets.
    text = re.sub("⟦[^⟦⟧]*$", "", text)
    return re.findall("[A-Za-z]{3,}", ALIKE.sub("", text))
