-- What each master's present or last life has said of its builders. NULL where it was the former program, which says none
-- of it.
ALTER TABLE master_builder
    ADD COLUMN fingerprint         VARCHAR(64)   CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- When the master first said this fingerprint, without another in between; a new life with the same one keeps it.
    ADD COLUMN since               DATETIME(6)   NULL,
    -- When it last said anything: of masters that describe a builder differently the last one is shown.
    ADD COLUMN published_at        DATETIME(6)   NULL,
    -- A list of texts, in JSON.
    ADD COLUMN tags                TEXT          NULL,
    ADD COLUMN description         VARCHAR(1000) NULL,
    ADD COLUMN policy              VARCHAR(200)  NULL,
    ADD COLUMN project             VARCHAR(100)  NULL,
    ADD COLUMN project_description VARCHAR(1000) NULL,
    ADD COLUMN project_url         VARCHAR(1000) NULL;
