-- The steps of a build are read from its stream, and no view holds them any more. So from here on the follower that writes
-- the views is called views-5, for the same reason as in V11: a master of the former program that is still alive would go
-- on to fill step_view. The new one goes on where that one was.
UPDATE token SET owner = 'nobody#0' WHERE processor_name = 'views-4';
INSERT IGNORE INTO token (processor_name, segment, token, token_type, timestamp)
SELECT 'views-5', segment, token, token_type, timestamp FROM token WHERE processor_name = 'views-4';

-- step_view stays as it is, for the pages of a former program that is still alive.
INSERT INTO schema_compatibility (version, oldest) VALUES (23, 6);
