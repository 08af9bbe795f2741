/*
what: >-
  Trade agreements in force of Korea and of China in which two sides exchange tariffs on goods: the sides, the date and
  the source of the date. The list is DESTA's. The days are from GPTAD, HUGGO or the named page; for some only the year
  is known. Preferences among developing countries (APTA, GSTP, PTN) are left out.
grain: [agreement_id]
required: [agreement, signed_year, in_force_on, date_precision, date_source_url]
columns:
- agreement_id: code | The name DESTA and the number of the agreement there.
- agreement
- side_codes: list | The economies on the first side (ISO 3166 alpha-3), separated by commas.
- other_side_codes: list | The economies on the other side, separated by commas.
- member_count: count | The number of economies on both sides.
- signed_year: year | The year of the signature.
- in_force_on, date_precision
- event_id: code | The agreement's ID in core.policy_events, if the register has it.
- date_source_url: URL | Where the date can be read.
- note: text | The dates in other sources.
*/
select
    listed.* exclude (side_codes, other_side_codes, signed_year, in_force_on),
    array_to_string(string_split(listed.side_codes, ';'), ', ') as side_codes,
    array_to_string(string_split(listed.other_side_codes, ';'), ', ') as other_side_codes,
    -- A code has three letters, and a semicolon stands between two.
    cast((length(listed.side_codes) + 1 + length(listed.other_side_codes) + 1) / 4 as integer) as member_count,
    cast(listed.signed_year as integer) as signed_year,
    cast(rpad(listed.in_force_on, 10, '-01') as date) as in_force_on
from reference.agreements as listed
