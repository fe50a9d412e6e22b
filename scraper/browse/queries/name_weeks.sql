-- Of the newest articles that have a name, how many stand in each week and language.
select date(at, 'weekday 0', '-6 days') as week, language, count(*) as articles
from (
    select coalesce(a.published_at, a.first_seen_at) as at, coalesce(nullif(a.language, ''), '?')
        as language
    from mentions m cross join articles a indexed by articles_search
        on a.id = m.page_id and a.version_id = m.version_id
    where m.entity_id = :id order by m.page_id desc limit :newest
)
group by 1, 2 order by 1, 2
