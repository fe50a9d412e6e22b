-- By source, the pages that it was the first to show, and those that became articles.
select source_id, pages, articles from source_counts
