"""Write the reason of a verdict as readers see it: in the chosen language, with a deficit in place of a minus sign.

Not here: finding the reason (`comparison`, `verdicts`).
"""

from __future__ import annotations

import re

from dagster_project.languages import get_language, translate
from dagster_project.questions.wording import format_ordinal, spell_days

# The value in a sentence of a reason, and the claimed one beside it.
_VALUE = re.compile(r"(.*? gives? )(a change of )?(exactly )?(−?)((?:US\$)?(?=\d))(.*)")
_CLAIMED = re.compile(r"(, not | rounds? to | cut off, | claimed )(−?)(?=(?:US\$)?\d)")
# What the partner's statistics show: "China's statistics give a surplus of US$95.8bn for South Korea, the same sign."
_OTHERS = r" gives? (a (?:surplus|deficit|rise|fall)) of ((?:(?!, | for | gives? ).)+)( for [^,]+)?, the "
# A bound below zero: "at most −US$18bn" is "a deficit of at least US$18bn".
_OPPOSITE = {"at least": "at most", "at most": "at least", "more than": "less than", "less than": "more than"}
_BOUND = re.compile(rf"\b({'|'.join(_OPPOSITE)}) −(?=US|\d)")
# The partner's figures that are known only from print: "figures quoted in print (China Customs, in a table)".
_ONLY_PRINT = (
    r"(?:[A-Z][\w' -]*) statistics for this period are not available, "
    r"but figures quoted in print \(((?:[^()]|\([^()]*\))+)\)"
)
# A second sentence on the rank of the same surplus or deficit.
_SAME_RANKED = r"(By [^.]*? (the (?:surplus|deficit) of [^.]*?) ranks [^.]*\. )(By [^.]*? )\2(?= ranks)"
# The words before a day, month or year in which an event did not happen.
_NOT_THEN = r"(This happened [^,;.]*, not )"


def write_reason(text: str) -> str:
    """Translate a reason into the chosen language; in English write signs as words."""
    text, _, offer = text.partition("\n")
    if get_language() != "en":
        return "\n".join(map(translate, filter(None, (text, offer))))
    said = " ".join(map(_name_signs, re.split(r"(?<=[a-z0-9)%]\.) (?=[A-Z])", text)))
    said = re.sub(r": \w+(?:ing|ive)(?=, in line with the claim)", "", said)
    said = re.sub(
        r"( a (?:rise|fall) of [^:;]+): ([\w ]+) (?:rose|fell)(?=, (?:which|as)|; the claim)", r"\1 in the \2", said
    )
    said = re.sub(_ONLY_PRINT, _name_only_print, said)
    said = re.sub(r"(?<=igures )quoted in print \(((?:[^()]|\([^()]*\))+)\)", _name_print, said)
    said = re.sub(rf"{_OTHERS}same sign\.", r" also show \1\3, of \2.", said)
    said = re.sub(rf"{_OTHERS}opposite sign\.", r" show the opposite, \1 of \2\3.", said)
    said = re.sub(r"(\bBy [^.]* rank(?:s|ed) )(\d+)([^.]*?)(?:(, not )(\d+))?(?=\.(?: |$))", _write_ranks, said)
    said = re.sub(_SAME_RANKED, r"\1\3it", said)
    said = re.sub(r"(\d+)( \w+ \d{4}) to (\d+\2)", r"\1 to \3", spell_days(said))
    said = re.sub(rf"{_NOT_THEN}(?=\d+ [A-Z])", r"\1on ", said)
    said = re.sub(rf"{_NOT_THEN}(?=(?:[A-Z]\w+ )?\d{{4}}\.)", r"\1in ", said)
    said = re.sub(r"(?<=, )in (?=\w)(?=[^()]*\), and has been revised)", "quoted in ", said)
    return "\n".join(filter(None, (said, offer)))


def _name_print(quoted: re.Match[str]) -> str:
    return f"of {quoted[1].replace(', in ', ' quoted in ')}"


def _name_only_print(quoted: re.Match[str]) -> str:
    publisher, _, where = quoted[1].partition(", in ")
    return f"Figures of {publisher}, known here only {f'as quoted in {where}' if where else 'from print'},"


def _write_ranks(ranks: re.Match[str]) -> str:
    before, rank, between, negation, claimed = ranks.groups()
    denial = f"{negation}{format_ordinal(int(claimed))}" if claimed else ""
    return f"{before}{format_ordinal(int(rank))}{between}{denial}"


def _name_signs(sentence: str) -> str:
    """Write a change as a rise or fall, and a negative amount as a deficit, because only balances can be negative."""
    found = _VALUE.fullmatch(sentence)
    has_sign = re.search(r"−US|(opposite|same) sign|: (posi|nega)tive", sentence)
    if found is None or not (found[2] or ("US$" in found[5] and has_sign)):
        return sentence
    minus, plus = ("a fall of ", "a rise of ") if found[2] else ("a deficit of ", "a surplus of ")
    claims = [one[2] for one in _CLAIMED.finditer(found[6])]
    words = ("smaller", "larger") if found[4] else ("larger", "smaller")
    words = words if found[4] in claims else ("apart", "apart")
    rest = _CLAIMED.sub(lambda one: one[1] + ("" if one[2] == found[4] else minus if one[2] else plus), found[6])
    rest = re.sub(r"\b(higher|lower)\b", lambda one: words[one[1] == "lower"], rest)
    rest = re.sub("( gives? )−(?=US)", rf"\1{minus}", rest)
    rest = re.sub(_BOUND, lambda one: f"{minus}{_OPPOSITE[one[1]]} ", rest)
    if not found[2]:
        rest = re.sub(": (posi|nega)tive", "", rest.replace("not positive", "not a surplus"))
        rest = rest.replace("not negative", "not a deficit")
    return f"{found[1]}{found[3] or ''}{minus if found[4] else plus}{found[5]}{rest}"
