-- How new a candidate's sources are: a later request may be for older ones. One without is left alone.
ALTER TABLE collapse_candidate ADD COLUMN sources LONGTEXT NULL;
