SELECT id AS "MemberId", name AS "Name", CAST(born AS DATE) AS "Born", postcode AS "Postcode", sex AS "Sex",
       CAST(fine AS DECIMAL(38, 10)) AS "Fine", exact AS "Exact", CAST(joined AS TIMESTAMP) AS "Joined",
       CAST(active AS BOOLEAN) AS "Active", condition AS "Condition", card AS "Card"
FROM source.member
