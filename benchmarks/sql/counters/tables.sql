-- 100,000 numbers of 2,000 holders, below four levels of organizations: one, 10, 100 and 1,000 of them.
CREATE TABLE numbers (id integer PRIMARY KEY, holder integer NOT NULL, status integer NOT NULL, version integer NOT NULL);
INSERT INTO numbers SELECT id, id % 2000, 0, 1 FROM generate_series(1, 100000) AS id;
CREATE TABLE operations (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz, actor text);
CREATE TABLE events (number integer, version integer, operation bigint, status integer, PRIMARY KEY (number, version));
CREATE TABLE ancestors (holder integer PRIMARY KEY, organizations integer[] NOT NULL);
INSERT INTO ancestors SELECT id, ARRAY[0, 10 + id % 10, 100 + id % 100, 1000 + id % 1000, 10000 + id]
FROM generate_series(0, 1999) AS id;
CREATE TABLE counters (organization integer, slot integer, available integer, PRIMARY KEY (organization, slot))
WITH (fillfactor = 50);
INSERT INTO counters SELECT DISTINCT organization, slot, 1000000
FROM ancestors, unnest(organizations) AS organization, generate_series(0, 32) AS slot;
CREATE TABLE appended (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, holder integer, change integer);
VACUUM ANALYZE;
