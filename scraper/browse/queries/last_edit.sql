-- The last edit of an article, in the order of time.
select id as cursor, at, kind, title, severity, classes from changes
where page_id = :article_id and kind in ('edited', 'retitled', 'rebylined', 'reverted')
order by at desc, id desc limit 1
