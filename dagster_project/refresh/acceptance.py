"""Whether a response is what was asked for: the rules that hold for every publisher.

Here: the rules, over the rows of a response and the figures that are held already. Not here: a publisher's own error
bodies (`sources`), the contract itself (`raw`), what is held (`held`), or what a figure means (`expectations`).

Each rule refuses the response as a whole: the last good snapshot stays in force, and a person looks at what came.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.refresh.held import HeldFigures, same
from dagster_project.sources import Request

# A response in which more rows than these break the contract has another form than the one declared.
BROKEN_SHARE = 0.01
# Publishers withdraw a figure now and then; more than one, and than these, is a response that was cut.
MISSING_SHARE = 0.02
# Units differ by a thousand. Real figures do not move by anything like that, taken over a response.
SCALE = 300


class Refused(Exception):
    """A response that breaks a rule; its text says which, with an example."""


def check(held: HeldFigures, request: Request, pages: Sequence[Path], *, trust: bool = False) -> list[str]:
    """Lays the pages of a response, as CSV in the dataset's columns, beside what is held, and checks every rule.

    Args:
        held: What is held of the dataset.
        request: What was asked.
        pages: The response.
        trust: Whether somebody has looked at it, and trusts it in what is missing and in the scale.

    Returns:
        What could not be looked at or was trusted, for the manifest.

    Raises:
        Refused: A rule is broken.
    """
    try:
        held.lay_beside(pages, request)
    except duckdb.Error as error:
        raise Refused(f"rows that are no table: {str(error).splitlines()[0]}") from error
    _check_subject(held, request)
    _check_periods(held, request)
    _check_contract(held)
    _check_pages(held)
    notes = []
    for rule in (_check_coverage, _check_scale):
        try:
            notes += rule(held, request)
        except Refused as reason:
            if not trust:
                raise
            notes.append(f"Accepted on request, although: {reason}.")
    return notes


def check_nothing(held: HeldFigures, request: Request) -> None:
    """Checks a response without figures against what is held.

    Raises:
        Refused: There were some.
    """
    figures, values = held.figures_of(request)
    ((count,),) = held.connection.execute(f"select count(*) from ({figures})", values).fetchall()
    if count:
        raise Refused(f"no figures, where {count:,} are held of what was asked")


def _check_subject(held: HeldFigures, request: Request) -> None:
    for column, allowed in request.only.items():
        found = held.connection.execute(
            f'select distinct "{column}" from arrived where "{column}" is not null '
            f'and not list_contains($allowed, "{column}") order by 1 limit 3',
            {"allowed": list(allowed)},
        ).fetchall()
        if found:
            others = ", ".join(repr(row[0]) for row in found)
            raise Refused(f"{column} {others}, where {_listed(allowed)} was asked for")


def _check_periods(held: HeldFigures, request: Request) -> None:
    if request.periods is None or request.period_column is None:
        return
    first, last = request.periods
    column = request.period_column
    found = held.connection.execute(
        f"""
        select distinct "{column}" from arrived
        where left("{column}", {len(first)}) < $first or left("{column}", {len(last)}) > $last
        order by 1 limit 3
        """,
        {"first": first, "last": last},
    ).fetchall()
    if found:
        others = ", ".join(row[0] for row in found)
        raise Refused(f"{column} {others}, where {first} to {last} was asked for")


def _check_contract(held: HeldFigures) -> None:
    ((rows, broken, example),) = held.connection.execute(
        "select count(*), count(*) filter (where is_broken), min(reason) from arrived"
    ).fetchall()
    if broken > BROKEN_SHARE * rows:
        raise Refused(f"{broken:,} of {rows:,} rows break the contract, such as {example}")


def _check_pages(held: HeldFigures) -> None:
    key = ", ".join(f'"{name}"' for name in held.dataset.key)
    found = held.connection.execute(
        f"select {key} from arrived group by {key} having count(distinct page) > 1 limit 1"
    ).fetchone()
    if found:
        raise Refused(f"{' | '.join(map(str, found))} stands on two pages")


def _check_coverage(held: HeldFigures, _request: Request) -> list[str]:
    key = ", ".join(f'"{name}"' for name in held.dataset.key)
    ((asked, missing, example),) = held.connection.execute(
        f"""
        select count(*), count(*) filter (where is_missing), min(concat_ws(' | ', {key})) filter (where is_missing)
        from expected
        """
    ).fetchall()
    # A request about a dozen figures has no share as small as that; one of them may be withdrawn all the same.
    if missing > max(1, MISSING_SHARE * asked) or 0 < missing == asked:
        raise Refused(f"{missing:,} of {asked:,} figures that are held are missing, such as {example}")
    return []


def _check_scale(held: HeldFigures, request: Request) -> list[str]:
    series = [name for name in held.dataset.key if name != request.period_column]
    unseen = []
    for measure in held.measures():
        # A figure that was never held has neighbours in time: a new month among old ones may be wrong alone.
        ratios = {
            "the response": _ratio_of_held(held, measure),
            "the figures that are new": _ratio_of_new(held, measure, series),
        }
        if all(ratio is None for ratio in ratios.values()):
            unseen.append(measure)
        for over, ratio in ratios.items():
            if ratio is not None and not 1 / SCALE < ratio < SCALE:
                raise Refused(
                    f"{measure} is {_times(ratio)} what is held, taken over {over}: another unit, or other figures"
                )
    return [f"The scale of {', '.join(unseen)} had nothing to be compared with."] if unseen else []


def _ratio_of_held(held: HeldFigures, measure: str) -> float | None:
    """The median ratio of a response's values to the held ones of the same key; None if there are none."""
    return _number(
        held,
        f"""
        with known as ({held.newest()})
        select median({_size(measure, "arrived")} / {_size(measure, "known")})
        from arrived inner join known on {same(held.dataset.key)}
        where not is_broken and {_size(measure, "arrived")} > 0 and {_size(measure, "known")} > 0
        """,
    )


def _ratio_of_new(held: HeldFigures, measure: str, series: Sequence[str]) -> float | None:
    """The median ratio of a response's series, where they are not held, to what is held of them at other times."""
    names = "".join(f'"{name}", ' for name in series)
    return _number(
        held,
        f"""
        with known as ({held.newest()}),
            arriving as (
                select {names}median({_size(measure, "arrived")}) as size from arrived
                where not is_broken and {_size(measure, "arrived")} > 0 and not exists (
                    select 1 from known where {same(held.dataset.key)} and {_size(measure, "known")} > 0
                )
                group by all
            ),
            holding as (
                select {names}median({_size(measure, "known")}) as size from known
                where {_size(measure, "known")} > 0 group by all
            )
        select median(arriving.size / holding.size)
        from arriving inner join holding on {same(series, "arriving", "holding")}
        """,
    )


def _number(held: HeldFigures, query: str) -> float | None:
    ((found,),) = held.connection.execute(query).fetchall()
    return None if found is None else float(found)


def _size(measure: str, table: str) -> str:
    return f'abs(try_cast({table}."{measure}" as double))'


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return ", ".join(repr(value) for value in values[:5]) + more


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 1 else f"one {1 / ratio:,.0f}th of"
