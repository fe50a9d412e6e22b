-- The sealed parts of the archive, whose articles these pages do not show.
select name, folder, articles, substr(first_at, 1, 10) as first, substr(last_at, 1, 10) as last
from parts order by number
