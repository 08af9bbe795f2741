/*
what: >-
  What an economy mostly exports and where it lies, as this project codes it: economies that are alike in it are what
  the effect of an event is measured against.
grain: [economy_code]
columns:
- economy_code
- exports_mostly: >-
    code | manufactures, fuels, or materials (food, ores and other raw goods): what most of its exports of goods were
    in the decade from 2010.
- region: code | east_asia (with the south-east), rest_of_asia, europe, americas, africa or oceania.
*/
select *
from reference.economy_likeness
