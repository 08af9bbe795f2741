/*
what: >-
  World Development Indicators that are held, with the unit of each.
grain: [indicator_code]
required: [label, unit]
columns:
- indicator_code
- label: text | What it measures.
- unit (of the value)
- component: code | The component of GDP whose share it is; null for any other indicator.
*/
select *
from reference.indicators
