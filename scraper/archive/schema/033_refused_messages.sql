-- 1: its sink answered that it does not take this message; after three attempts it holds no later one.
alter table alert_messages add column refused integer not null default 0;
