/*
what: >-
  The classes of each product of the Harmonized System in other classifications, by the United Nations' conversion
  tables, and the editions over which its code means the same goods. Subheadings have classes; headings only have
  editions. A class is null where the tables leave it open.
grain: [product_code, first_edition]
required: [last_edition]
columns:
- product_code: code | The subheading, or the heading, of the Harmonized System.
- level (of the product)
- first_edition: code | The first edition, from HS2012 on, to which this row applies.
- last_edition: code | The last edition in which the code means the same goods as in the first.
- hs2012_code: code | The subheading of HS2012 to which the code converts.
- sitc4_division: code | The product's division in SITC Rev. 4.
- bec4_code: code | The product's category in the Classification by Broad Economic Categories, Rev. 4.
- bec4_end_use: code | CAPITAL, INTERMEDIATE, CONSUMPTION, or SEVERAL where the category has more than one end use.
- unctad_stage_code: code | The product's stage of processing in UNCTAD's grouping, 1 raw to 4 capital.
*/
select
    correlations.*,
    cast(length(correlations.product_code) as integer) as level,
    end_uses.end_use_code as bec4_end_use
from reference.product_correlations as correlations
left join reference.bec4_end_uses as end_uses using (bec4_code)
