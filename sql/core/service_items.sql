/*
what: >-
  Items of trade in services, in EBOPS 2010 as BaTIS codes it.
grain: [service_item_code]
columns:
  service_item_code: code | The item; S for all services.
  parent_code: code | The item that it is part of.
  level: count | The item's depth; 0 for all services.
  label: text | The item's name.
  is_derived: true/false | The item is a sum that overlaps with others, so never add it to them.
*/
select
    * exclude (level, is_derived),
    item_code as service_item_code,
    cast(level as integer) as level,
    is_derived = 'true' as is_derived
from reference.service_items
