/*
what: >-
  Economies through which goods of another economy pass; that economy reports its own trade separately.
grain: [partner_code, entrepot_code]
columns:
- partner_code: code | The economy whose goods pass through (ISO 3166 alpha-3).
- entrepot_code
- reason: text | The reason to look at the two together.
*/
select *
from reference.entrepots
