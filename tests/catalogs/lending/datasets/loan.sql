SELECT l.id AS "LoanId", l.member_id AS "MemberId", l.title_id AS "TitleId", l.printing AS "Printing", l.kind AS "Kind",
       l.kind = 'braille' AS "KindIsMedical", CAST(l.day AS DATE) AS "Day", CAST(l.visit_id AS VARCHAR) AS "VisitId", l.remark AS "Remark"
FROM source.loan AS l
JOIN source.member AS m ON m.id = l.member_id
