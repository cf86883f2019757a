SELECT about AS "About", about_id AS "AboutId", score AS "Score" FROM source.note
