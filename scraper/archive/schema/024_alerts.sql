-- How far a rule of alerts.toml has looked, so that nothing is told twice or passed over.
create table alert_rules (
    name text primary key,
    since text not null,                    -- when the daemon first met the rule: what is older is not told
    state text not null                     -- JSON: numbers of the last rows that it looked at
) strict, without rowid;

-- Rules and sinks that are paused. What they tell meanwhile waits.
create table alert_pauses (
    kind text not null,                     -- rule, sink
    name text not null,
    since text not null,
    until_at text,                          -- NULL: until `scraper alerts resume`
    primary key (kind, name)
) strict, without rowid;

-- Something that a rule told.
create table alerts (
    id integer primary key autoincrement,
    rule text not null,
    key text not null,                      -- what happened: a rule tells it once
    kind text not null,
    at text not null,                       -- when it was found
    title text not null,
    text text not null,
    url text not null,
    article_id integer,
    data text not null,                     -- JSON
    unique (rule, key)
) strict;
create index alerts_article on alerts (rule, article_id);

-- A message to a sink: what it tells is settled when it is made.
create table alert_messages (
    id integer primary key autoincrement,
    sink text not null,
    key text not null unique,               -- sent with it: the same at every attempt
    created_at text not null,
    state text not null,                    -- waiting, sending, sent, dropped, expired
    attempts integer not null default 0,
    next_at text not null,                  -- not before then
    sent_at text,
    unsure integer not null default 0,      -- 1: an attempt may have arrived, its answer was lost
    error text not null default ''          -- why the last attempt failed
) strict;
create index alert_messages_open on alert_messages (sink, next_at)
    where state in ('waiting', 'sending');
create index alert_messages_sent on alert_messages (sink, sent_at);

-- An alert on its way to a sink.
create table alert_deliveries (
    alert_id integer not null references alerts (id),
    sink text not null,
    due_at text not null,                   -- not before then
    urgent integer not null,                -- 1: quiet hours do not hold it
    message_id integer references alert_messages (id),  -- NULL: in no message yet
    primary key (alert_id, sink)
) strict, without rowid;
create index alert_deliveries_waiting on alert_deliveries (sink, due_at) where message_id is null;
create index alert_deliveries_message on alert_deliveries (message_id);

-- Stories whose articles changed since a time.
create index story_members_joined on story_members (joined_at);
-- What happened in a day.
create index changes_at on changes (at);
