"""Find the pair that a clause is about: the reporter and the partner.

The words around an economy decide its role. A clause without economies takes the pair of an earlier clause or sentence.
Not here: the other words that belong to a number (`clause`).
"""

from __future__ import annotations

from collections.abc import Sequence

from dagster_project.claims.clause import Clause, Pair, Sentence
from dagster_project.metrics import catalogue


def find_pair(clause: Clause, index: int | None, metric: str) -> Pair:
    """Find a clause's pair; of economies with the same role, take the last one before `index`, else the first one."""
    takes, source = catalogue.load_metrics()[metric].role, next(iter(clause.sentence.sources), "")
    named: list[tuple[int, str, str]] = []
    for i, token in enumerate(clause.tokens):
        if "toward" in token or "both" in token:
            role = "partner" if "toward" in token else "both"
            named.append((i, role, token.senses.get("toward") or token["both"]))
        elif "economy" in token or "group" in token:
            role = _find_role(clause, i, takes, metric)
            # "Exports to the world" are all exports of the reporter; "the world's exports" are not.
            mark = role or clause.get_sense(i - 1, "mark")
            is_total = token.senses.get("group") == "WORLD" and mark in {"partner", "before_from"}
            group = "WLD" if is_total else f"?{token.senses.get('group')}"
            if not role and named and named[-1][1] == "partner" and clause.are_joined(named[-1][0], i):
                # "Exports to mainland China and Hong Kong" have two partners.
                role = "partner"
            named.append((i, role, token.senses.get("economy", group)))
    named = [(i, role, code) for i, role, code in named if role != "ahead"]
    clause.economy_indexes = [i for i, _, _ in named]
    codes, flows = [code for _, _, code in named], clause.find_tokens("metric", "trade")
    if metric.endswith("_share") and flows and len(set(codes)) == 2 and not clause.find_tokens("toward", "both"):
        # "China's share of Korea's exports": the reporter is the economy beside "exports".
        own = next((code for i, _, code in reversed(named) if i < flows[-1]), codes[-1])
        other = next(code for code in reversed(codes) if code != own)
        if {code for _, role, code in named if role == "partner"} == {own}:
            # "Korea's exports to China were 20 percent of its total exports".
            own, other = other, own
        return Pair(own, other, is_certain="?" not in own + other)
    if [role for _, role, _ in named] == ["both"]:
        return _pair_side_by_side(codes[0].split(), source)
    if [role for _, role, _ in named] == ["", ""] and clause.are_joined(named[0][0], named[1][0]):
        return _pair_side_by_side(codes, source)
    roles = {role: [(i, code) for i, other, code in named if other == role] for role in ("reporter", "partner", "")}
    free = roles.pop("")
    for role in ("partner", "reporter") if metric.endswith("rank") else ("reporter", "partner"):
        if not roles[role] and free:
            roles[role].append(free.pop(0))
    reporters, partners = ({code for _, code in roles[role]} for role in ("reporter", "partner"))
    is_one = len(partners) == 1 and all(code in reporters | partners for _, code in free)
    is_certain = is_one and len(reporters) == 1
    # A source reports its own trade, and a Korean text on "trade with China" means Korea's.
    implied = clause.sentence.implied if clause.find_tokens("toward") else ""
    own = implied or (source if is_one and source not in partners else "")
    if not reporters and own:
        roles["reporter"], is_certain = [(-1, own)], is_one
    reporter, partner = (
        next((code for i, code in reversed(found) if index is None or i < index), found[0][1] if found else None)
        for found in roles.values()
    )
    return Pair(reporter, partner, is_certain and reporter != partner and "?" not in f"{reporter}{partner}")


def _pair_side_by_side(codes: Sequence[str], source: str) -> Pair:
    """Pair two economies without roles; the reporter is the first, or the second if it is the named `source`."""
    first, second = reversed(codes) if source == codes[1] else codes
    return Pair(first, second, is_certain=source == first)


def _find_role(clause: Clause, index: int, takes: str, metric: str) -> str:
    """Find the role of an economy by the words around it: `reporter`, `partner`, `ahead` ("ahead of Japan") or ""."""
    back = index - 1
    while back >= 0 and clause.tokens[back].text.lower() in {"the", "mainland"}:
        back -= 1
    before, after = clause.get_sense(back, "mark"), clause.get_sense(index + 1, "mark")
    if clause.get_sense(back, "ahead") and not before:
        return "ahead"
    is_owner = after == "owner" or "adjective" in clause.tokens[index]
    if takes in {"host", "importer"}:
        is_made = "goods" in clause.tokens[index] and not clause.get_sense(index + 1, "metric")
        is_own = takes == "host" or is_made or (before == "before_of" and not metric.endswith("_share"))
        if before == "before_from" or after == "after_from" or (is_owner and is_own):
            return "partner"
        if before in {"before_to", "before_in"} or (after == "after_to" and takes == "host"):
            return "reporter"
    if before in {"before_with", "before_to"} or after in {"after_with", "after_to"}:
        return "partner"
    return "reporter" if is_owner or before == "before_of" else ""


def find_pair_of_number(clause: Clause, index: int, metric: str) -> Pair:
    """Find the pair of a number, in its clause or in earlier text; record doubts about the pair."""
    pair = find_pair(clause, index, metric)
    if not catalogue.load_metrics()[metric].has_partner:
        is_one = pair.reporter is not None and len(clause.economy_indexes) == 1
        clause.add_doubt("it is unclear which economy is meant", when=not is_one)
        clause.mark_read(*clause.economy_indexes)
        return Pair(pair.reporter or pair.partner, None, is_certain=True)
    if pair.reporter and pair.partner:
        clause.add_doubt("it is unclear which economy reports and which is the partner", when=not pair.is_certain)
        clause.mark_read(*clause.economy_indexes)
        return pair
    context, refers = clause.sentence.context, bool(clause.find_tokens("pair"))
    asked, others = context.pair, list_pairs(clause.sentence, omitted=clause)
    if pair.partner and asked and pair.partner == asked.partner:
        clause.mark_read(*clause.economy_indexes)
        return asked
    if pair.partner and len(others) == 1 and others[0].reporter != pair.partner:
        clause.add_doubt("the reporter is taken from another part of the sentence")
        clause.mark_read(*clause.economy_indexes)
        return Pair(others[0].reporter, pair.partner)
    if not clause.economy_indexes:
        if len(others) == 1:
            clause.add_doubt("the pair is taken from another part of the sentence")
            return others[0]
        points_back = refers or (context.last_pair == asked and clause.has_back_reference())
        if asked and not clause.find_tokens("own") and points_back:
            clause.mark_read(*clause.find_tokens("pair", "back"))
            return asked
    elif pair.reporter and not refers:
        # "Korea's exports" without a partner are those to the world.
        clause.add_doubt("no partner is named")
        return Pair(pair.reporter, None)
    guess = context.last_pair or asked
    clause.add_doubt("the pair is not named here" if guess else "no pair is named")
    if guess is None:
        return pair
    other = guess.partner if guess.reporter == pair.partner else guess.reporter
    return Pair(pair.reporter or other, pair.partner or guess.partner)


def list_pairs(sentence: Sentence, omitted: Clause | None = None) -> list[Pair]:
    """List the pairs that the clauses of a sentence name with certainty; leave out the clause `omitted`."""
    others = (Clause(sentence, clause.tokens) for clause in sentence.clauses if clause is not omitted)
    named = (find_pair(clause, None, clause.find_first_metric()) for clause in others)
    return list(dict.fromkeys(pair for pair in named if pair.is_certain))
