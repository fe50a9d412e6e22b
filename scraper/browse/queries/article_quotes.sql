-- What one version of an article reports that somebody said, in order.
select * from quotes where version_id = :version_id order by rowid limit 80
