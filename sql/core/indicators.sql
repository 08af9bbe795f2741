/*
what: >-
  The available World Development Indicators, with the unit of each.
grain: [indicator_code]
required: [label, unit]
columns:
- indicator_code
- label: text | The indicator's name.
- unit (of the value)
- component: code | The component of GDP whose share it is; null for any other indicator.
*/
select *
from reference.indicators
