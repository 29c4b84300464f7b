-- Requests that end without a build's result: expired, cancelled, given up. Masters that are drained, and told of work.

ALTER TABLE build_request_queue
    ADD COLUMN queue_timeout_micros BIGINT      NULL,
    ADD COLUMN expires_at           DATETIME(6) NULL,
    -- What has waited too long.
    ADD KEY build_request_expiry (expires_at);

ALTER TABLE claim
    ADD COLUMN queue_timeout_micros BIGINT NULL,
    -- The last attempt that the builder of the claim allows.
    ADD COLUMN max_attempts         INT    NOT NULL DEFAULT 3;

ALTER TABLE master
    -- NULL, or drain: claims nothing more, or now: lets nothing end either.
    ADD COLUMN drain      VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- Where and with which word the master can be told to look; NULL where it can't.
    ADD COLUMN hint_url   VARCHAR(255) NULL,
    ADD COLUMN hint_token VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL;

-- Which builders each master's present or last life runs.
CREATE TABLE master_builder (
    builder VARCHAR(100) NOT NULL,
    master  VARCHAR(100) NOT NULL,
    -- Whether anybody serves a builder.
    PRIMARY KEY (builder, master),
    -- What a new life replaces.
    KEY master_builder_master (master)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
