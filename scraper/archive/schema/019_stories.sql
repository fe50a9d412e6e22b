-- What an article is compared by. Emptied of all but its marks once no new article can meet it.
create table story_articles (
    article_id integer primary key references articles (id),
    version_id integer not null references versions (id),
    at text not null,                       -- published, or first seen
    has_text integer not null,              -- 0: a headline alone
    features text,                          -- JSON: stories.StoryFeatures; NULL: too old to be met
    embedding_title blob,                   -- of the optional model
    embedding_lead blob
) strict;
create index story_articles_at on story_articles (at) where features is not null;

-- Up to which version articles are grouped.
create table story_state (
    id integer primary key check (id = 1),
    version_id integer not null,
    articles integer not null               -- counted in story_terms
) strict;
insert into story_state (id, version_id, articles) values (1, 0, 0);

-- In how many articles a term occurs, in headline or lead.
create table story_terms (
    term text primary key,
    articles integer not null
) strict, without rowid;

-- An article's rarest terms, by which others of the same days find it.
create table story_keys (
    term text not null,
    article_id integer not null references articles (id),
    primary key (term, article_id)
) strict, without rowid;
create index story_keys_article on story_keys (article_id);

-- Bands and sampled passages of a text's signature, by which others find it at any time.
create table signature_keys (
    key integer not null,
    article_id integer not null references articles (id),
    primary key (key, article_id)
) strict, without rowid;
create index signature_keys_article on signature_keys (article_id);

-- Two articles that were compared and may report one event, or share a text.
create table article_pairs (
    article_id integer not null references articles (id),  -- the lower number
    other_id integer not null references articles (id),
    probability real not null,              -- that they report one event
    vetoed integer not null,                -- 1: equal but for a figure or a version
    measures text not null,                 -- JSON: what the probability rests on
    primary key (article_id, other_id)
) strict, without rowid;
create index article_pairs_other on article_pairs (other_id);

-- An article whose text comes from another's. Neither is ever deleted for it.
create table article_copies (
    copy_id integer not null references articles (id),
    original_id integer not null references articles (id),
    kind text not null,                     -- reprint, edited reprint, other script, summary
    containment real not null,              -- share of the shorter text that the other has
    jaccard real not null,
    credit text not null,                   -- the copy's line that names where it is from
    cut text not null,                      -- JSON: sentences of the original that the copy lacks
    added text not null,                    -- JSON: the reverse
    cut_count integer not null,
    added_count integer not null,
    primary key (copy_id, original_id)
) strict, without rowid;
create index article_copies_original on article_copies (original_id);

-- Two or more articles on one event. A number is never given again.
create table stories (
    id integer primary key autoincrement,
    created_at text not null,
    merged_into integer references stories (id),  -- the story that took most of its articles
    merged_at text
) strict;

create table story_members (
    article_id integer primary key references articles (id),
    story_id integer not null references stories (id),
    joined_at text not null,
    nearest_id integer not null references articles (id),  -- the article of the story nearest to it
    probability real not null               -- that the two report one event
) strict;
create index story_members_story on story_members (story_id);
