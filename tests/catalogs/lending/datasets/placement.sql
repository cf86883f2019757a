SELECT title_id AS "TitleId", printing AS "Printing", branch_code AS "BranchCode", copies AS "Copies" FROM source.placement
