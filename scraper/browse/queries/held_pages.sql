-- Pages that are held while their hosts drift.
select count(*) as held from page_looks where state = 'held'
