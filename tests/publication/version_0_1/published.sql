-- The tables of `meta`, and two marts, as Bilateral 0.1.0 published them, with a row of each that upgrading reads.
create schema meta;
create schema marts;
create table meta.changes (
    compared_with varchar, table_name varchar, key varchar, column_name varchar, unit varchar,
    change varchar, previous_value double, value double, difference double, difference_pct double,
    previous_text varchar, value_text varchar, is_flip boolean, cause varchar, reason varchar
);
create table meta.checks (
    table_name varchar, check_name varchar, expectation_type varchar, severity varchar, status varchar,
    observed_value varchar, unexpected_count bigint, sample varchar, notes varchar, audit_hash varchar
);
create table meta.columns (
    schema_name varchar, table_name varchar, column_name varchar, position integer, data_type varchar,
    unit varchar, meaning varchar, is_key boolean
);
create table meta.corrections (
    correction_id varchar, source varchar, dataset varchar, reporter_code varchar, partner_code varchar,
    covers_every_partner boolean, flow varchar, frequency varchar, period_start date,
    observed_value_usd double, current_value_usd double, is_current boolean, implied_value_usd double,
    gap_pct double, action varchar, reason varchar, evidence varchar
);
create table meta.figure_sources (
    snapshot_id varchar, publisher varchar, source varchar, source_title varchar, dataset varchar,
    title varchar, url varchar, known_from date, licence_name varchar, licence_url varchar,
    citation varchar
);
create table meta.freshness (
    source varchar, dataset varchar, frequency varchar, reporter_code varchar, newest_period varchar,
    next_period varchar, due_on date, late_from date, is_live boolean
);
create table meta.inputs (
    table_name varchar, input_name varchar, input_hash varchar
);
create table meta.publication (
    publication_id varchar, published_at timestamp, content_hash varchar, bilateral_version varchar,
    duckdb_version varchar, table_count bigint, check_count bigint, warning_count bigint,
    quarantined_row_count bigint
);
create table meta.quarantine (
    snapshot_id varchar, source varchar, dataset varchar, row_number bigint, column_name varchar,
    value varchar, reason varchar, set_aside_by varchar, is_current boolean, row_text varchar
);
create table meta.snapshots (
    snapshot_id varchar, source varchar, dataset varchar, title varchar, url varchar, edition varchar,
    published_on date, retrieved_at timestamp, known_from date, row_count bigint, bytes bigint,
    sha256 varchar, media_type varchar, licence_name varchar, licence_url varchar, citation varchar,
    obtained varchar, form varchar
);
create table meta.table_hashes (
    table_name varchar, row_count bigint, content_hash varchar, input_hash varchar
);
create table marts.trade_balance_annual (
    reporter_code varchar, partner_code varchar, year integer, exports_usd double, imports_usd double,
    balance_usd double, balance_sign varchar, sign_flipped boolean, deficit_streak_years bigint,
    first_deficit_since integer, surplus_rank bigint, partner_surplus_rank bigint,
    partner_deficit_rank bigint, partner_trade_rank bigint, coverage_status varchar,
    coverage_reason varchar, is_complete boolean, observation_status varchar, vintages varchar,
    world_exports_usd double, world_imports_usd double, exports_source varchar, imports_source varchar,
    exports_source_reason varchar, imports_source_reason varchar, snapshot_ids varchar[]
);
create table marts.claim_verdicts (
    article_id varchar, claim_id varchar, statement varchar, published_on date, as_of date,
    metric varchar, reporter_code varchar, partner_code varchar, period_start date, period_end date,
    period_type varchar, comparator varchar, claimed_value double, claimed_text varchar, unit varchar,
    tolerance double, observed_value double, observed_text varchar, alternate_reporter_code varchar,
    alternate_reporter_value double, alternate_unit varchar, alternate_reporter_text varchar,
    second_reading_source varchar, second_reading_value double, is_null_if_false boolean, verdict varchar,
    reason varchar, observed_value_then double, observed_text_then varchar, verdict_then varchar,
    reason_then varchar, look_again_on date, evidence_sql varchar, alternate_sql varchar,
    second_reading_sql varchar, remark_sql varchar, evidence_then_sql varchar, snapshot_ids varchar[],
    evidence_error varchar
);
insert into meta.publication by name
select
    '20261126T000000000Z-0badcafe' as publication_id, timestamp '2026-11-26 00:00:00' as published_at,
    '0badcafe' as content_hash, '0.1.0' as bilateral_version, '1.4.2' as duckdb_version, 2 as table_count,
    1 as check_count, 0 as warning_count, 0 as quarantined_row_count;
insert into marts.trade_balance_annual by name
select 'KOR' as reporter_code, 'CHN' as partner_code, 2023 as year, -18039656000 as balance_usd;
