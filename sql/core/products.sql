/*
what: >-
  Products of each classification that the figures use, with their place in it.
grain: [classification, product_code]
columns:
  classification: code | The classification and its edition; TOTAL for all goods, HS for any edition of it.
  product_code: code | The product.
  level: count | Digits of the product code; 0 for all goods.
  parent_code: code | The product that it is part of.
  label: text | What it is.
*/
select
    classification,
    product_code,
    level,
    parent_code,
    label
from reference.products
