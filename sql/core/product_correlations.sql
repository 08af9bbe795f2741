/*
what: >-
  What each product of the Harmonized System is in other classifications, by the United Nations' conversion tables, and
  over which editions its code stands for the same goods by them. Subheadings have their classes; headings only their
  editions. A null class is one that the tables leave open.
grain: [product_code, first_edition]
required: [last_edition]
columns:
- product_code: code | The subheading, or the heading, of the Harmonized System.
- level (of the product)
- first_edition: code | The first edition from HS2012 of which this row speaks.
- last_edition: code | The last edition that keeps the code as it was in the first.
- hs2012_code: code | The subheading of HS2012 that the code converts to.
- sitc4_division: code | Its division in SITC Rev. 4.
- bec4_code: code | Its category in the Classification by Broad Economic Categories, Rev. 4.
- bec4_end_use: code | CAPITAL, INTERMEDIATE, CONSUMPTION, or SEVERAL where the category has more than one end use.
- unctad_stage_code: code | Its stage of processing as UNCTAD groups goods, 1 raw to 4 capital.
*/
select
    correlations.*,
    cast(length(correlations.product_code) as integer) as level,
    end_uses.end_use_code as bec4_end_use
from reference.product_correlations as correlations
left join reference.bec4_end_uses as end_uses using (bec4_code)
