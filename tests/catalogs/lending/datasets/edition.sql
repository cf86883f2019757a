SELECT title_id AS "TitleId", printing AS "Printing", title AS "Title" FROM source.edition
