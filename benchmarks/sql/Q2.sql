\set position random(1, :numbers)
SELECT n.id, n.number, n.status, n.reserved_tag, s.name, o.name
FROM phone_numbers n
JOIN series s ON s.id = n.series_id
JOIN organizations o ON o.id = n.organization_id
WHERE n.id = :position;
