-- What was asked for because of a change is shown beside it.
ALTER TABLE request_view
    ADD KEY request_view_buildset (buildset_id);

-- A change is looked for by the beginning of its revision.
ALTER TABLE change_view
    ADD KEY change_view_revision (revision(40));

INSERT INTO schema_compatibility (version, oldest) VALUES (24, 6);
