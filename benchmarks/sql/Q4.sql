-- The text is found once, for the rows and for the count.
WITH found AS MATERIALIZED (
    SELECT * FROM phone_numbers WHERE retired_at IS NULL AND search_text LIKE '%1418%'
)
SELECT n.id, n.number, n.status, n.reserved_tag, s.name, o.name, n.total
FROM (SELECT *, count(*) OVER () AS total FROM found ORDER BY number LIMIT 51) n
JOIN series s ON s.id = n.series_id
JOIN organizations o ON o.id = n.organization_id
ORDER BY n.number;
