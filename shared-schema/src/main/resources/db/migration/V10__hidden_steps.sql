-- 1 for a step that people are not shown unless they ask, else 0. A log that was written before has none; a master of the
-- former program that still writes this view shows those that come meanwhile, too.
ALTER TABLE step_view ADD COLUMN hidden INT NOT NULL DEFAULT 0;
