-- The last edit of an article.
select at, kind, severity, classes from changes
where page_id = :article_id and kind in ('edited', 'retitled', 'rebylined', 'reverted')
order by id desc limit 1
