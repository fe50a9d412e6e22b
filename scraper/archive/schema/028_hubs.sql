-- Subscription to a hub that tells when a feed changes (WebSub). What signs its messages is derived from a key file
-- beside the archive: nothing here is secret.
create table hub_subscriptions (
    source_id integer primary key references sources (id),
    hub text not null,
    topic text not null,
    key text not null default '',           -- fingerprint of the key file it was asked with, or ''
    state text not null,                    -- found, asked, active, denied, failed
    asked_at text,
    verified_at text,                       -- when the hub verified it last
    expires_at text,                        -- end of the lease
    next_at text not null,                  -- the hub is not asked again before
    failures integer not null default 0,    -- in a row
    message text not null default '',       -- why the last request failed, or ''
    last_push_at text                       -- last signed message
) strict;
