-- What a version is about, as the lexicon of that moment saw it.
create table judgements (
    version_id integer primary key references versions (id),
    page_id integer not null references pages (id),
    extraction_id integer not null,         -- the record that was judged; another is judged anew
    lexicon text not null,                  -- version of lexicon and judging code
    score real not null,
    threshold real not null,                -- on topic from here
    on_topic integer not null,
    evidence text not null,                 -- JSON: models.Evidence, most telling first
    judged_at text not null
) strict;
create index judgements_page on judgements (page_id);
create index judgements_score on judgements (on_topic, score);

-- A name that was found in some article.
create table entities (
    id integer primary key,
    kind text not null,                     -- model, company, person, benchmark, licence …
    name text not null,
    family text not null default '',        -- of a model's version
    maker text not null default '',         -- of a model
    listed integer not null,                -- 0: told by its form, not in config/topics.toml
    unique (kind, name)
) strict;
create index entities_family on entities (family) where family <> '';

-- How often a version names it.
create table mentions (
    version_id integer not null references versions (id),
    entity_id integer not null references entities (id),
    page_id integer not null references pages (id),
    count integer not null,
    in_title integer not null,
    place integer,                          -- of the first in the text; NULL: in the headline only
    matched text not null,                  -- the first as printed
    primary key (version_id, entity_id)
) strict, without rowid;
create index mentions_entity on mentions (entity_id, page_id);
create index mentions_page on mentions (page_id);

-- A figure that a version gives, normalised.
create table quantities (
    id integer primary key,
    version_id integer not null references versions (id),
    page_id integer not null references pages (id),
    entity_id integer not null references entities (id),  -- what it is of
    kind text not null,                     -- parameters, training cost, context, score …
    unit text not null,
    low real not null,
    high real not null,                     -- equal to low, unless a range is printed
    precision real not null,                -- half a unit of the last printed digit
    qualifier text not null,                -- about, over, nearly, up to
    detail text not null,                   -- the benchmark, the chip, the side of a price
    link text not null,                     -- clause, sentence, carried: how `entity_id` is known
    printed text not null,
    sentence text not null,
    in_title integer not null,
    place integer not null
) strict;
create index quantities_entity on quantities (entity_id, kind);
create index quantities_version on quantities (version_id);
create index quantities_page on quantities (page_id);

-- An article that was read and not kept, because its source keeps what is on topic only.
create table passed_over (
    page_id integer primary key references pages (id),
    at text not null,
    policy text not null,                   -- only, metadata: the source's choice
    lexicon text not null,
    score real not null,
    threshold real not null,
    evidence text not null,                 -- JSON: models.Evidence
    title text not null,
    outlet text not null default '',        -- what follows is kept by the choice "metadata"
    authors text not null default '',
    published_at text,
    language text not null default '',
    script text not null default '',
    excerpt text not null default '',
    reconsidered_at text                    -- when a new lexicon sent it to be fetched again
) strict;

-- Of the current version; NULL: not judged yet (`scraper rescore` does).
alter table articles add column topic_score real;
alter table articles add column on_topic integer;
create index articles_topic on articles (on_topic, published_at);

create view entity_list as
select e.id, e.kind, e.name, e.family, e.maker, e.listed, count(*) as articles,
    sum(m.count) as mentions, min(coalesce(a.published_at, a.first_seen_at)) as first_article_at,
    max(coalesce(a.published_at, a.first_seen_at)) as last_article_at
from entities e join mentions m on m.entity_id = e.id join articles a on a.version_id = m.version_id
group by e.id order by articles desc, mentions desc;

create view quantity_list as
select q.id, e.name as about, q.kind, q.detail, q.qualifier, q.low, q.high, q.unit, q.printed,
    a.outlet, v.number as version, v.id = a.version_id as current,
    coalesce(a.published_at, a.first_seen_at) as at, q.sentence, q.link, a.id as article_id, a.url
from quantities q join versions v on v.id = q.version_id join articles a on a.id = q.page_id
join entities e on e.id = q.entity_id order by about, q.kind, at;

create view topic_list as
select a.id, a.topic_score, a.on_topic, a.title, a.outlet, a.published_at, j.lexicon, j.evidence,
    a.url
from articles a left join judgements j on j.version_id = a.version_id
order by a.topic_score desc;
