-- What one version of an article is about.
select score, threshold, on_topic, evidence, lexicon, judged_at
from judgements where version_id = :version_id
