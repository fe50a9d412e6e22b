-- The articles that changed, were taken down, or are on topic, by time: the front page's filters.
create index articles_changed on articles (coalesce(published_at, first_seen_at))
    where version_count > 1;
create index articles_gone on articles (coalesce(published_at, first_seen_at))
    where state = 'gone';
create index articles_on_topic on articles (coalesce(published_at, first_seen_at))
    where on_topic = 1;
create index articles_language_at on articles (
    language, coalesce(published_at, first_seen_at)
);
create index articles_outlet_at on articles (
    outlet, coalesce(published_at, first_seen_at)
);
-- What publishers did, without the articles that came in.
create index changes_edits on changes (id) where kind <> 'new';
create index changes_kind on changes (kind, severity);
