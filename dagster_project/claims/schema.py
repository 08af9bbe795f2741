"""Define the fields of a claim and of its article, and the rules between fields; make the JSON Schema from these.

Not here: files and their errors (`register`), and building the fields of a claim without SQL (`compiling`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from dagster_project.claims import compiling, periods
from dagster_project.claims.compiling import Denial
from dagster_project.claims.notation import SCALES, Span, format_amount, parse_day
from dagster_project.claims.statements import GRAMMAR, LEVELS, Statement
from dagster_project.claims.values import Comparator
from dagster_project.errors import BilateralError

# Comparators whose tolerance is around zero, and comparators of a printed number.
NEAR_ZERO = (Comparator.SIGN, Comparator.TREND, Comparator.COUNT)
PRINTED = (Comparator.EQUALS, Comparator.SHARE)
# The claimed values of comparators that take words or truth values.
_WORDS: dict[Comparator, tuple[str | bool, ...]] = {
    Comparator.SIGN: ("positive", "negative", "zero"),
    Comparator.TREND: ("rising", "falling", "flat"),
    Comparator.SIGN_CHANGE: (True, False),
}
# The temporary field by which an article passes its day of publication to its claims.
_DAY = "published on"
_WITHOUT_EVIDENCE = "the claim has no evidence: write the value as printed (`says`), `evidence` or `not_checkable`"

PeriodType = Literal["annual", "year_to_date", "point", "forecast", "event_date", "event_order"]
Unit = Literal[
    "USD", "CNY", "KRW", "JPY", "EUR", "%", "pp", "ratio", "index", "kg", "persons", "years", "months", "days"
]
Scale = Literal["thousand", "ten thousand", "million", "hundred million", "billion", "trillion"]
Economy = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 3166 alpha-3 code, or WLD for the world.")]
CODE = "[a-z][a-z0-9_]*"
Code = Annotated[str, Field(pattern=f"^{CODE}$", max_length=80)]
Text = Annotated[str, Field(min_length=1)]
Sql = Annotated[str, Field(min_length=1, description="One SELECT that gives one value, in full units.")]


def _read_printed_day(value: Any) -> Span:
    if (found := parse_day(value)) is None:
        raise ValueError("write a day as 2025-11-30, a month as 2025-11 or a year as 2025")
    return found


def _require_order(span: Span) -> Span:
    if span.end < span.start:
        raise ValueError("the period ends before it starts")
    return span


def _require_sql_comparator(value: Comparator) -> Comparator:
    if GRAMMAR[value].becomes is not None:
        says = "" if value in compiling.WITHOUT_VALUE else ", and the printed value in `says`,"
        raise ValueError(f"{value} is not for a claim with `evidence`: name a metric{says} instead of `evidence`")
    return value


PrintedDay = Annotated[
    Span,
    BeforeValidator(_read_printed_day),
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}),
]
_JSON_DAY = {"type": "string", "format": "date"}
Period = Annotated[
    Span,
    AfterValidator(_require_order),
    WithJsonSchema(
        {
            "type": "object",
            "description": "First and last day; of an event_date, the claimed period of the event.",
            "properties": {"start": _JSON_DAY, "end": _JSON_DAY},
            "required": ["start", "end"],
            "additionalProperties": False,
        }
    ),
]
# YAML reads an unquoted 2015-12-20 as a date.
Claimed = Annotated[
    bool | int | float | str, BeforeValidator(lambda value: value.isoformat() if isinstance(value, date) else value)
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Tolerance(_Part):
    """The greatest distance between a claimed value and a figure that supports it; of two limits, the wider counts."""

    absolute: float | None = Field(default=None, gt=0, description="In the claimed unit and scale; in pp for %.")
    relative_pct: float | None = Field(default=None, gt=0, lt=100, description="Per cent of the claimed value.")
    # Whether it is the possible error of US$ that were converted from another currency.
    is_of_conversion: SkipJsonSchema[bool] = False

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if self.absolute is None and self.relative_pct is None:
            raise ValueError("a tolerance needs `absolute` or `relative_pct`")
        return self


class Alternate(_Part):
    """The same figure in the statistics of another economy, usually the partner."""

    reporter: Economy | None = Field(default=None, description="The economy whose statistics these are.")
    evidence: Sql
    called: Text | None = Field(
        default=None, description="Their name in a reason, if not 'China's statistics'; plural."
    )
    unit: Unit | None = Field(default=None, description="The unit, if not the claim's; then only the sign is compared.")
    compare: Literal["same", "sign"] = Field(
        default="same",
        description="same: compare with the claimed value; sign: compare only its sign with that of the evidence.",
    )


class SecondReading(_Part):
    """The same reporter's figure of the same period, from another official source."""

    source: Text = Field(description="The source's name in a reason, such as UN Comtrade.")
    evidence: Sql


class Remark(_Part):
    """A sentence after the verdict, with a value from the warehouse in it."""

    says: Text = Field(description="A sentence with {} in place of the value.")
    evidence: Text = Field(description="One SELECT of the value, in full units; if null, the sentence is left out.")
    unit: Unit | None = None
    scale: Scale | None = None
    decimals: int = Field(default=0, ge=0, le=6)

    @model_validator(mode="after")
    def _require_place(self) -> Self:
        if self.says.count("{}") != 1:
            raise ValueError("`says` needs {} exactly once, in place of the value")
        return self

    def write_sentence(self, value: object) -> str:
        """Write the sentence with a value, given in full units."""
        if self.unit and isinstance(value, int | float) and not isinstance(value, bool):
            scaled = value / SCALES[self.scale][0] if self.scale else value
            value = format_amount(scaled, self.unit, self.scale, self.decimals)
        return self.says.replace("{}", str(value))


class Claim(_Part):
    """One published statement that a figure can support or contradict."""

    claim_id: Code = Field(description="Unique in the register.")
    statement: Text = Field(description="The claim in our own words.")
    metric: Code = Field(description="The measured quantity, such as goods_balance.")
    reporter: Economy | None = Field(default=None, description="The economy whose statistics the evidence uses.")
    partner: Economy | None = Field(default=None, description="The economy on the other side.")
    item: Text | None = Field(default=None, description="The item of a metric with items, such as services.")
    says: Annotated[Text | None, BeforeValidator(lambda value: value if value is None else str(value))] = Field(
        default=None,
        description="The value as printed: $55.6 billion, 556억 달러, about 57 percent. Then no SQL is needed.",
    )
    flow: Literal["export", "import"] | None = Field(default=None, description="As the reporter sees it.")
    valuation: Literal["FOB", "CIF", "CUSTOMS", "FOB-CIF", "FOB-CUSTOMS"] | None = Field(
        default=None, description="A balance is FOB-CIF."
    )
    period: Period
    period_type: PeriodType
    comparator: Annotated[Comparator, AfterValidator(_require_sql_comparator)]
    claimed_value: Claimed | None = Field(default=None, description="As printed, in `scale`; or 2015-12-20, 2015.")
    unit: Unit | None = Field(default=None, description="Of the claimed value and of the evidence.")
    scale: Scale | None = Field(default=None, description="The power of ten in which it is printed.")
    decimals: int = Field(default=0, ge=0, le=6, description="Decimals as printed, in the printed scale.")
    tolerance: Tolerance | None = None
    names_reporter: bool = Field(
        default=False,
        description="Whether the sentence or its article names the economy whose statistics it uses. If not, and the "
        "partner's statistics disagree, the verdict is reporter_dependent.",
    )
    evidence: Text | None = Field(default=None, description="One SELECT of one value, in full units.")
    alternate: Alternate | None = None
    second_reading: SecondReading | None = None
    remarks: tuple[Remark, ...] = Field(default=(), description="Sentences after the reason.")
    look_again: date | None = Field(default=None, description="The day on which the claim is worth judging again.")
    not_checkable: Text | None = Field(default=None, description="Why no figure can support or contradict it.")
    notes: Text | None = None
    # Derived, never written in a file: the parsed claim, SELECTs that can deny it, and the reason if figures lack.
    parsed: SkipJsonSchema[InstanceOf[Statement] | None] = Field(default=None, exclude=True, repr=False)
    denials: SkipJsonSchema[tuple[Denial, ...]] = ()
    not_held: SkipJsonSchema[Text | None] = None

    @property
    def factor(self) -> float:
        """Return the factor from the printed scale to full units, for example 1e9 for `billion`."""
        return SCALES[self.scale][0] if self.scale else 1.0

    @property
    def queries(self) -> Iterator[str]:
        """List all SELECTs of the claim: for its figures, its remarks and its denials (`Denial`)."""
        yield from filter(None, [self.evidence])
        yield from (part.evidence for part in (self.alternate, self.second_reading, *self.remarks) if part)
        yield from (one.evidence for one in self.denials)

    @model_validator(mode="before")
    @classmethod
    def _build_from_metric(cls, given: Any) -> Any:
        """Build the fields of a claim that names a metric; the day of publication decides which "last May" is meant."""
        if not isinstance(given, dict):
            return given
        claim = {name: value for name, value in given.items() if name != _DAY}
        day_of, is_written = given.get(_DAY, date.max), isinstance(claim.get("period"), str | int)
        try:
            if not claim.keys() & {"evidence", "not_checkable", "claimed_value", "not_held"}:
                if claim.keys() & {"says", "item"} or str(claim.get("comparator")) in compiling.WITHOUT_VALUE:
                    return compiling.build_fields(claim, day_of)
                if is_written:
                    raise ValueError(_WITHOUT_EVIDENCE)
            return claim | ({"period": periods.read_period(claim["period"], day_of)} if is_written else {})
        except BilateralError as error:
            raise ValueError(f"{error.message} {error.remedy}") from error

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        if self.not_held is None:
            for says, is_so in self._list_faults():
                if is_so:
                    raise ValueError(says)
        return self

    def _list_faults(self) -> Iterator[tuple[str, object]]:
        """List the possible contradictions between fields: a message, and whether the claim has the contradiction."""
        value, word, near, other = self.claimed_value, self.comparator, self.tolerance, self.alternate
        if self.not_checkable is not None:
            has_evidence = self.evidence or other or self.second_reading
            yield "the claim has both evidence and not_checkable: remove one of them", has_evidence
            return
        yield _WITHOUT_EVIDENCE, self.evidence is None
        yield "the claim has no claimed_value to compare the evidence with", value is None
        yield from self._list_faults_of_value()
        reads = f"second_reading needs a claimed number with a unit, and the comparator {' or '.join(PRINTED)}"
        yield reads, self.second_reading and (word not in PRINTED or self.unit is None)
        yield f"{word} takes no tolerance", near and word not in (*LEVELS, *NEAR_ZERO)
        yield f"the tolerance of {word} must be absolute", near and near.relative_pct is not None and word in NEAR_ZERO
        day = parse_day(value) if self.period_type == "event_date" and word is Comparator.EQUALS else None
        is_outside = day is not None and (day.end < self.period.start or self.period.end < day.start)
        yield "claimed_value lies outside of period", is_outside
        if other is not None:
            is_sign, is_number = other.compare == "sign", not isinstance(value, bool | str) and value != 0
            of_sign = "alternate.unit differs from the claim's unit, so only signs compare: write `compare: sign`"
            yield "alternate.compare: `sign` needs a claimed number, not 0; write `same`", is_sign and not is_number
            yield of_sign, other.unit not in (None, self.unit) and not is_sign

    def _list_faults_of_value(self) -> Iterator[tuple[str, object]]:
        """List the possible reasons to reject a claimed value: a message, and whether the reason applies."""
        word, value = self.comparator, self.claimed_value
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if word in {Comparator.RECORD, Comparator.COUNT}:
            is_whole = number is not None and not number % 1 and number >= (word is Comparator.RECORD)
            yield f"{word} needs a whole number as claimed_value, not {value!r}", not is_whole
        elif word in _WORDS:
            is_one = value in _WORDS[word] and number is None
            yield f"{word} needs one of {', '.join(map(str, _WORDS[word]))} as claimed_value", not is_one
        elif word not in LEVELS:
            is_time = parse_day(value) is not None or (number == 0 and word is not Comparator.FIRST_SINCE)
            yield f"{word} needs a day, month or year as claimed_value", not is_time
        elif number is None:
            belong = "tolerance, scale and decimals need a number as claimed_value"
            yield f"{word} needs a number as claimed_value, not {value!r}", word is not Comparator.EQUALS
            yield belong, self.tolerance or self.scale or self.decimals
        # A bare year is a date of that precision, and has no unit.
        elif word is not Comparator.EQUALS or self.unit is not None or parse_day(value) is None:
            more = f"claimed_value {number:g} has more decimals than the field decimals ({self.decimals})"
            is_vague = word is Comparator.APPROXIMATELY and self.tolerance is None
            is_no_share = word is Comparator.SHARE and (self.unit != "%" or self.scale)
            yield f"{word} compares a number, so the claim needs a unit", self.unit is None
            yield more, round(number, self.decimals) != number
            yield "approximately needs a tolerance", is_vague
            yield "a share needs the unit %, and no scale", is_no_share


class Article(_Part):
    """A published text with its claims."""

    model_config = ConfigDict(title="Claims of an article")

    article_id: Code = Field(description="Unique in the register; the file's name.")
    title: Text = Field(description="Its title, or a description in our own words.")
    publisher: Text
    published_on: PrintedDay = Field(description="As 2025-11-30, 2025-11 or 2025.")
    url: str | None = Field(default=None, pattern="^https?://")
    names_reporter: Economy | None = Field(
        default=None,
        description="The economy whose statistics the article says it uses, such as KOR if it cites Korea's ministry; "
        "claims of that reporter get names_reporter: true unless they have false.",
    )
    as_of: date | None = Field(default=None, description="Judge as of this day; by default the day of publication.")
    claims: tuple[Claim, ...] = Field(min_length=1)

    @property
    def moment(self) -> date:
        """Return the day as of which the article's claims are judged."""
        return self.as_of or self.published_on.end

    @model_validator(mode="before")
    @classmethod
    def _copy_article_fields(cls, given: Any) -> Any:
        """Copy the day of publication and `names_reporter` to the claims."""
        if not isinstance(given, dict) or not isinstance(given.get("claims"), list):
            return given
        named, found = given.get("names_reporter"), parse_day(given.get("published_on"))
        head = {_DAY: found.end} if found else {}
        claims = [
            head | ({"names_reporter": True} if named and one.get("reporter") == named else {}) | one
            if isinstance(one, dict)
            else one
            for one in given["claims"]
        ]
        return given | {"claims": claims}

    @model_validator(mode="after")
    def _require_unique_names(self) -> Self:
        names = [claim.claim_id for claim in self.claims]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two claims have the claim_id {', '.join(twice)}")
        return self
