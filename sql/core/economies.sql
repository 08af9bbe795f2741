/*
what: >-
  Economies of ISO 3166, including former ones, and groups of economies.
grain: [economy_code]
required: [name, is_aggregate]
example: |-
  select economy_code, name, comtrade_code
  from core.economies
  where name ilike '%korea%'
columns:
  economy_code: code | The economy (ISO 3166 alpha-3), or our code for a group; WLD for the world.
  m49_code: code | The economy's number in the United Nations' M49, three digits.
  comtrade_code: code | The economy's number in UN Comtrade, which differs for some (United States 842, Taiwan 490).
  name: text | The economy's name in English.
  is_aggregate: true/false | The row is a group of economies, never a partner in a safe table.
*/
select *
from reference.economies
