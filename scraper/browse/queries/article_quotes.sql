-- The quotes in one version of an article, in order.
select * from quotes where version_id = :version_id order by rowid limit 80
