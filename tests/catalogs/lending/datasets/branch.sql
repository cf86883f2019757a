SELECT code AS "Code", town AS "Town" FROM source.branch
