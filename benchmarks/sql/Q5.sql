\set position random(1, :reserved)
\set tag random(1, 1000000000)
UPDATE phone_numbers
SET reserved_tag = 'pgbench ' || :tag, tag_folded = 'pgbench ' || :tag, updated_at = now()
WHERE id = (SELECT id FROM measured WHERE position = :position)
RETURNING id, number, reserved_tag;
