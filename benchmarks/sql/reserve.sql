\set position random(1, :numbers)
BEGIN;
INSERT INTO operations (action, at, actor, organization_id, changed_count) VALUES (4, now(), 'pgbench', 1, 1) RETURNING id \gset
INSERT INTO number_events (phone_number_id, version, operation_id, series_id, organization_before, status_before, organization_after, status_after)
SELECT id, version + 1, :id, series_id, organization_id, status, organization_id, 1 - status
FROM phone_numbers WHERE id = (SELECT id FROM measured WHERE position = :position) FOR UPDATE;
UPDATE phone_numbers SET status = 1 - status, version = version + 1, updated_at = now()
WHERE id = (SELECT id FROM measured WHERE position = :position);
COMMIT;
