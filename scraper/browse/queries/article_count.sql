-- How many articles there are, as kept while they come and go.
select number from counts where name = 'articles'
