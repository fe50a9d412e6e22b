-- The articles of an outlet by their time, without a look at the articles.
drop index articles_outlet_id;
create index articles_outlet_id on articles (outlet_id, published_at, first_seen_at);
