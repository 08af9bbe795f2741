/*
what: >-
  The register of claims: the published statement, its publisher and date, and the evidence that answers it. Numbers are
  in full units; unit, printed_scale and printed_decimals say how they were printed.
grain: [claim_id]
required: [published_on, as_of, period_start]
example: |-
  select claim_id, publisher, published_on, statement, evidence_sql
  from core.claims
  order by published_on desc limit 10
columns:
- article_id, title, publisher (of an article), published_on, published_on_precision, url, as_of, claim_id, statement
- metric, reporter_code (of the evidence), partner_code (on the other side), flow (of the metric)
- valuation: code | FOB, CIF, or FOB-CIF for a balance; CUSTOMS in place of CIF for US imports (core.valuations).
- period_start, period_end, period_type, comparator, claimed_value, claimed_text, unit
- printed_scale: code | The power of ten in which the number was printed.
- printed_decimals, tolerance
- names_reporter: true/false | The sentence names the economy whose statistics it uses.
- evidence_sql, alternate_reporter_code, alternate_sql
- alternate_compare: code | same if alternate_sql's answer is compared with the claimed value, sign if only its sign is.
- alternate_unit, second_reading_source, second_reading_sql, remark_sql, look_again_on
- not_checkable_reason: text | The reason why no figure can answer the claim.
- note
*/
select
    claims.* exclude (valuation),
    case
        when claims.metric like '%cif' then claims.valuation
        when claims.valuation = 'CIF' then coalesce(declared.valuation, 'CIF')
        when claims.valuation = 'FOB-CIF' then concat('FOB-', coalesce(declared.valuation, 'CIF'))
        else claims.valuation
    end as valuation
from reference.claims as claims
left join core.valuations as declared on claims.reporter_code = declared.reporter_code and declared.flow = 'import'
