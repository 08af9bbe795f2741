"""Write the reason of a verdict as readers see it: in the chosen language, with days in words.

Not here: finding the reason (`comparison`, `verdicts`).
"""

from __future__ import annotations

import re

from dagster_project.languages import get_language, translate
from dagster_project.questions.wording import spell_days


def write_reason(text: str) -> str:
    """Translate a reason into the chosen language; in English write its days in words."""
    said, _, offer = text.partition("\n")
    if get_language() != "en":
        return "\n".join(map(translate, filter(None, (said, offer))))
    # "21 October 2023 to 31 October 2023" is "21 to 31 October 2023".
    said = re.sub(r"(\d+)( \w+ \d{4}) to (\d+\2)", r"\1 to \3", spell_days(said))
    return "\n".join(filter(None, (said, offer)))
