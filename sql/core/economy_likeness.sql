/*
what: >-
  The main exports and the region of each economy, as this project codes them: the effect of an event is measured
  against economies that have the same codes.
grain: [economy_code]
columns:
- economy_code
- exports_mostly: >-
    code | manufactures, fuels, or materials (food, ores and other raw goods), whichever was most of its goods exports
    in the decade from 2010.
- region: code | east_asia (with the south-east), rest_of_asia, europe, americas, africa or oceania.
*/
select *
from reference.economy_likeness
