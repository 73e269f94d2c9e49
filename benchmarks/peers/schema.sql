-- The inventory as the peers keep it, made from Dialtree's own tables in a copy of its database: what the six
-- operations read and write, with an index for every search and sort that the list of numbers offers.

CREATE SCHEMA peers;
SET search_path = peers, public;

CREATE TYPE number_status AS ENUM ('AVAILABLE', 'RESERVED', 'ASSIGNED', 'IN_USE');

CREATE TABLE series AS SELECT id::integer, name::text FROM public.series;
ALTER TABLE series ADD PRIMARY KEY (id);

CREATE TABLE organizations AS SELECT id::integer, name::text FROM public.organizations;
ALTER TABLE organizations ADD PRIMARY KEY (id);

CREATE TABLE phone_numbers (
    id integer NOT NULL,
    number text COLLATE "C" NOT NULL,
    series_id integer NOT NULL,
    organization_id integer NOT NULL,
    status number_status NOT NULL,
    reserved_tag text,
    search_text text COLLATE "C" GENERATED ALWAYS AS (number || E'\n' || coalesce(lower(reserved_tag), '')) STORED
);

INSERT INTO phone_numbers (id, number, series_id, organization_id, status, reserved_tag)
SELECT id, number, series_id, organization_id, (enum_range(NULL::number_status))[status + 1], reserved_tag
FROM public.phone_numbers
ORDER BY id;

ALTER TABLE phone_numbers ADD PRIMARY KEY (id), ADD UNIQUE (number);
CREATE INDEX ON phone_numbers (status, number);
CREATE INDEX ON phone_numbers (series_id, number);
CREATE INDEX ON phone_numbers (organization_id, number);
CREATE INDEX ON phone_numbers (lower(reserved_tag), number) WHERE reserved_tag IS NOT NULL;
-- Without fastupdate, or searches crawl between two vacuums.
CREATE INDEX ON phone_numbers USING gin (search_text gin_trgm_ops) WITH (fastupdate = off);
ALTER TABLE phone_numbers
    ADD CONSTRAINT series FOREIGN KEY (series_id) REFERENCES series,
    ADD CONSTRAINT organization FOREIGN KEY (organization_id) REFERENCES organizations;

-- Smart tags for PostGraphile: the relations by their plain names.
COMMENT ON CONSTRAINT series ON phone_numbers IS '@fieldName series';
COMMENT ON CONSTRAINT organization ON phone_numbers IS '@fieldName organization';

DO $$
DECLARE
    dropped text;
BEGIN
    FOR dropped IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'DROP TABLE ' || dropped || ' CASCADE';
    END LOOP;
END
$$;
