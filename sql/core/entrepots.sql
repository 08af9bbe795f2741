/*
what: >-
  Economies through which goods of another pass, which reports its own trade apart from them.
grain: [partner_code, entrepot_code]
columns:
- partner_code: code | The economy whose goods pass through (ISO 3166 alpha-3).
- entrepot_code
- reason: text | Why the two are looked at together.
*/
select *
from reference.entrepots
