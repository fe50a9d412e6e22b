-- What a version reports that somebody said, as the reader of that moment told it.
create table quotes (
    id integer primary key,
    version_id integer not null references versions (id),
    page_id integer not null references pages (id),
    position integer not null,              -- its place in the text
    words text not null,                    -- without the quotation marks around it
    speaker text not null,                  -- as printed, without titles; the full name if known
    speaker_key text not null,              -- folded; the lexicon's name where it has the speaker
    direct integer not null                 -- 1: in quotation marks, word for word
) strict;
create index quotes_speaker on quotes (speaker_key, page_id);
create index quotes_version on quotes (version_id);
create index quotes_page on quotes (page_id);

-- Which reader read the quotes of a version, those without any included.
create table quote_readings (
    version_id integer primary key references versions (id),
    extraction_id integer not null,         -- the record that was read; another is read anew
    reader text not null,                   -- version of lexicon and reading code
    quotes integer not null                 -- how many were found
) strict;

create view quote_list as
select q.id, q.speaker, q.words, q.direct, a.outlet, v.number as version,
    v.id = a.version_id as current, coalesce(a.published_at, a.first_seen_at) as at, a.title,
    a.id as article_id, a.url
from quotes q join versions v on v.id = q.version_id join articles a on a.id = q.page_id
order by at desc, q.position;
