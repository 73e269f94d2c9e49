\set number random(1, 100000)
\set holder :number % 2000
BEGIN;
INSERT INTO operations (at, actor) VALUES (now(), 'x') RETURNING id AS operation \gset
INSERT INTO events SELECT id, version, :operation, status FROM numbers WHERE id = :number FOR UPDATE;
UPDATE numbers SET status = 1 - status, version = version + 1 WHERE id = :number;
UPDATE counters SET available = available - 1
FROM (
    SELECT organization AS id, slot AS own FROM counters
    WHERE slot = 0 AND organization = ANY ((SELECT organizations FROM ancestors WHERE holder = :holder)::integer[])
    ORDER BY organization FOR UPDATE
) AS locked
WHERE organization = id AND slot = own;
COMMIT;
