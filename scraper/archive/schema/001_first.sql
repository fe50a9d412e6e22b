-- A publisher, by the name under which it is shown.
create table outlets (
    id integer primary key,
    name text not null unique,
    language text not null default '',      -- BCP 47 tag its articles usually have
    zone text not null default '',          -- IANA zone of times printed without one
    first_seen_at text not null
) strict;

-- A feed, sitemap, listing or file that is watched. Its row outlives its block in sources.toml.
create table sources (
    id integer primary key,
    name text not null unique,
    kind text not null,                     -- feed, sitemap, listing …
    url text not null,
    outlet_id integer not null references outlets (id),
    interval integer not null,              -- seconds between two visits
    enabled integer not null,               -- 0: paused, or gone from sources.toml
    added_at text not null,
    etag text not null default '',
    last_modified text not null default '',
    last_visit_at text,
    last_ok_at text,                        -- last visit without an error
    last_new_at text,                       -- last visit that showed an address not seen before
    next_due_at text not null,
    failures integer not null default 0,    -- in a row
    last_class text not null default '',    -- error class of the last visit, or ''
    last_message text not null default ''
) strict;
create index sources_due on sources (enabled, next_due_at);

-- An article's address and what is to be done about it.
create table pages (
    id integer primary key,
    url text not null unique,               -- canonical, as first met
    identity text not null unique,          -- key under which its twins (www, amp, http) meet
    claimed text not null default '',       -- identity of the rel=canonical address, if another
    host text not null,
    outlet_id integer references outlets (id),
    source_id integer references sources (id),  -- the one that showed it first
    first_seen_at text not null,
    state text not null default 'new',      -- new, live, quarantined, gone, failed
    last_fetch_at text,
    last_class text not null default '',    -- class of the last fetch
    next_check_at text,                     -- NULL: it is not looked at again by itself
    failures integer not null default 0,    -- attempts in a row that brought no answer
    gone_count integer not null default 0,  -- 404 or 410 in a row
    gone_at text,
    etag text not null default '',          -- of the last accepted response
    last_modified text not null default '',
    unchanged_streak integer not null default 0  -- 304 in a row
) strict;
create index pages_due on pages (next_check_at) where next_check_at is not null;
create index pages_host on pages (host);
create index pages_claimed on pages (claimed) where claimed <> '';
create index pages_outlet on pages (outlet_id);
create index pages_source on pages (source_id);

-- Every address under which a page is known, its own included.
create table page_urls (
    url text primary key,
    page_id integer not null references pages (id),
    how text not null,                      -- seen, twin, redirect, canonical, same
    first_seen_at text not null
) strict, without rowid;
create index page_urls_page on page_urls (page_id);

-- A page as a source showed it: one row for each headline that it gave.
create table sightings (
    id integer primary key,
    source_id integer not null references sources (id),
    page_id integer not null references pages (id),
    title text not null,                    -- headline there, or ''
    published_at text,                      -- time there, if it gave one
    published_raw text not null default '',
    position integer not null,              -- rank at the last visit, from 0
    first_seen_at text not null,
    last_seen_at text not null,
    times integer not null default 1,
    unique (source_id, page_id, title)
) strict;
create index sightings_page on sightings (page_id);

-- A run of collect, import or the daemon.
create table runs (
    id integer primary key,
    kind text not null,
    pid integer not null,
    started_at text not null,
    ended_at text,
    outcome text not null default 'running',  -- running, done, interrupted
    counts text not null default '{}'       -- JSON: links by outcome
) strict;

-- An attempt at a page or a source, whatever came of it.
create table fetches (
    id integer primary key,
    run_id integer references runs (id),
    page_id integer references pages (id),  -- NULL for a source, or an address that is none
    source_id integer references sources (id),
    at text not null,
    url text not null,                      -- as it was asked for
    final_url text not null default '',     -- that answered, where it is another
    class text not null,                    -- ok, unchanged, flap, or why not (scraper.errors)
    message text not null default '',
    evidence text not null default '[]',    -- JSON: what the verdict saw
    status integer,                         -- HTTP
    hops text not null default '[]',        -- JSON: redirects, [status, url] each
    headers text,                           -- JSON; kept with the first fetch of a body
    wire_bytes integer not null default 0,
    elapsed_ms integer not null default 0,
    body text,                              -- sha256, in bodies.db
    part integer not null default 1,        -- page of an article in several pages
    version_id integer references versions (id),  -- the version that it showed
    fingerprint text not null default '',   -- of a text held back by the version guard
    capture text unique                     -- key of the WARC record that it came from
) strict;
create index fetches_page on fetches (page_id, id);
create index fetches_source on fetches (source_id, id);
create index fetches_url on fetches (url) where page_id is null and source_id is null;
create index fetches_class on fetches (class, at);
create index fetches_body on fetches (body) where body is not null;
create index fetches_run on fetches (run_id);
create index fetches_version on fetches (version_id);

-- What one extractor made of one body: the whole record, compressed.
create table extractions (
    id integer primary key,
    page_id integer not null references pages (id),
    body text not null,                     -- sha256, in bodies.db
    parts text not null default '[]',       -- JSON: sha256 of the article's further pages
    extractor text not null,                -- version of extractor and rules
    made_at text not null,
    encoding text not null default '',
    encoding_origin text not null default '',  -- bom, utf-8, header, meta, detected
    replaced integer not null default 0,    -- U+FFFD that decoding put in
    base_id integer references extractions (id),  -- the dictionary of `record`; NULL: the body
    record blob not null,                   -- zstd of JSON: models.Article
    unique (page_id, body, parts, extractor)
) strict;
create index extractions_base on extractions (base_id);

-- A publisher's edit of a page. Never changed but for its extraction and observations.
create table versions (
    id integer primary key,
    page_id integer not null references pages (id),
    number integer not null,                -- from 1, without gaps
    extraction_id integer not null references extractions (id),
    body text not null,
    title text not null,
    fingerprint text not null,              -- of title and text, normalised
    text_fingerprint text not null,
    length integer not null,                -- characters of text
    first_observed_at text not null,
    last_observed_at text not null,
    observations integer not null default 1,
    classes text not null default '[]',     -- JSON: what changed against the version before
    severity integer not null default 0,    -- 0 to 3
    added text not null default '',         -- sentences that were not there before
    removed text not null default '',       -- sentences that are no longer there
    chain text not null,                    -- sha256 over this row's facts and the one before
    unique (page_id, number)
) strict;
create index versions_fingerprint on versions (page_id, fingerprint);
create index versions_text on versions (text_fingerprint);
create index versions_extraction on versions (extraction_id);

-- A page with at least one version, its current one flattened. The id is the page's.
create table articles (
    id integer primary key references pages (id),
    url text not null,
    title text not null,
    outlet text not null,                   -- as shown
    outlet_id integer references outlets (id),
    authors text not null default '',       -- joined by ", "
    credited text not null default '',      -- outlet that the page names as its source
    published_at text,                      -- UTC
    modified_at text,
    published_offset integer,               -- minutes of the zone in which the page gave it
    language text not null default '',
    script text not null default '',        -- Hans, Hant, mixed, Latn …
    excerpt text not null default '',
    image text not null default '',
    text text not null,
    length integer not null,                -- characters of text
    state text not null default 'live',     -- live, gone
    gone_at text,
    first_seen_at text not null,
    updated_at text not null,               -- when the current version was first observed
    version_id integer not null references versions (id),
    version_count integer not null default 1
) strict;
create index articles_published on articles (published_at);
create index articles_outlet on articles (outlet, published_at);
create index articles_outlet_id on articles (outlet_id);
create index articles_language on articles (language, script);
create index articles_version on articles (version_id);

-- Evidence for the metadata of the current version: every value found for a field.
create table candidates (
    article_id integer not null references articles (id),
    field text not null,
    value text not null,
    origin text not null,                   -- json-ld, meta …, byline …
    chosen integer not null,
    note text not null
) strict;
create index candidates_article on candidates (article_id, field);

-- What was cut from the current version of an article, by rule. The blocks themselves lie in
-- `extractions.record`: as rows they would outweigh the article (140 to 290 on a real page).
create table removed_blocks (
    article_id integer not null references articles (id),
    rule text not null,
    blocks integer not null,                -- how many the rule cut
    characters integer not null,            -- how much text was in them
    sample text not null,                   -- how it begins
    primary key (article_id, rule)
) strict, without rowid;

-- The ledger: what happened, in order. The id is the cursor that feeds and exports remember.
create table changes (
    id integer primary key autoincrement,
    at text not null,
    kind text not null,                     -- new, edited, retitled, reverted, gone, returned
    page_id integer not null references pages (id),
    version_id integer references versions (id),
    title text not null,
    classes text not null default '[]',
    severity integer not null default 0
) strict;
create index changes_page on changes (page_id);
create index changes_version on changes (version_id);

-- What is remembered of a host between runs.
create table hosts (
    host text primary key,                  -- name or name:port
    robots text,                            -- NULL: never read
    robots_at text,
    robots_class text not null default '',
    not_before text,
    failures integer not null default 0
) strict, without rowid;

-- Facts about the file itself.
create table facts (
    key text primary key,
    value text not null
) strict, without rowid;

-- Search. Rows are written by the program (folded, Chinese in pairs), never by `rebuild`.
create virtual table articles_fts using fts5 (
    title, text, content="articles", content_rowid="id", tokenize='unicode61'
);

create view article_list as
select a.id, a.title, a.outlet, a.authors, a.published_at, a.language, a.script, a.length,
    a.version_count as versions, a.state, a.url, a.excerpt
from articles a order by coalesce(a.published_at, a.first_seen_at) desc;

create view version_list as
select v.id, v.page_id as article_id, v.number, v.title, v.first_observed_at, v.last_observed_at,
    v.observations, v.severity, v.classes, v.added, v.removed, v.length, v.body
from versions v order by v.page_id, v.number;

create view change_list as
select c.id as cursor, c.at, c.kind, c.title, c.severity, c.classes, v.added, v.removed,
    c.page_id as article_id, p.url
from changes c join pages p on p.id = c.page_id left join versions v on v.id = c.version_id
order by c.id desc;

create view fetch_outcomes as
select substr(f.at, 1, 10) as day, p.host, f.class, count(*) as fetches,
    sum(f.wire_bytes) as bytes, round(avg(f.elapsed_ms)) as mean_ms
from fetches f left join pages p on p.id = f.page_id
group by day, p.host, f.class order by day desc, fetches desc;

create view source_health as
select s.id, s.name, o.name as outlet, s.kind, s.enabled, s.failures, s.last_class,
    s.last_message, s.last_visit_at, s.last_ok_at, s.last_new_at, s.next_due_at,
    (select count(*) from pages p where p.source_id = s.id) as pages,
    (select count(*) from pages p join articles a on a.id = p.id where p.source_id = s.id)
        as articles,
    s.url
from sources s join outlets o on o.id = s.outlet_id order by s.name;
