SELECT id AS DiagnoseId, code AS Code FROM source.diagnose
