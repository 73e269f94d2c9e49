\set status random(0, 3)
SELECT n.id, n.number, n.status, n.reserved_tag, s.name, o.name
FROM (
    SELECT * FROM phone_numbers WHERE retired_at IS NULL AND root_id = 1 AND status = :status ORDER BY number LIMIT 51
) n
JOIN series s ON s.id = n.series_id
JOIN organizations o ON o.id = n.organization_id
ORDER BY n.number;
SELECT count(*) FROM phone_numbers WHERE retired_at IS NULL AND root_id = 1 AND status = :status;
