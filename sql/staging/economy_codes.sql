/*
what: >-
  The economy for each source's codes and names: one list for all sources, so that a code missing from it fails the
  build with its name.
grain: [scheme, code]
columns:
  scheme: code | Whose code it is (iso2, iso3, comtrade, or the name that a source writes).
  code: text | The code or name as the source writes it.
  economy_code: code | The economy (ISO 3166 alpha-3, or our code for a group); null if the code is left out on purpose.
  exclusion_reason: text | Why the code is left out.
*/
select
    scheme,
    code,
    economy_code,
    exclusion_reason
from reference.economy_codes
union all
select
    'iso3' as scheme,
    economies.economy_code as code,
    economies.economy_code,
    cast(null as varchar) as exclusion_reason
from reference.economies as economies
left join reference.economy_codes as listed
    on listed.scheme = 'iso3' and economies.economy_code = listed.code
where listed.code is null
