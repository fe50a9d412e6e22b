select id, kind, name, family, maker, listed from entities where id = :id
