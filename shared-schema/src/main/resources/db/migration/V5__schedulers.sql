-- Which request may be collapsed into a later one that asks for the same, and what people see of schedulers.

-- At most one request of a builder is pending for each key: a later one takes its place. One that is not pending any
-- more is found to be gone, and nothing comes of it.
CREATE TABLE collapse_candidate (
    builder      VARCHAR(100) NOT NULL,
    -- SHA-256 of what two requests must have in common.
    collapse_key BINARY(32)   NOT NULL,
    request_id   BIGINT       NOT NULL,
    PRIMARY KEY (builder, collapse_key)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What each scheduler knew after the last batch in which it did something; its stream says the same.
CREATE TABLE scheduler_status (
    name          VARCHAR(100) NOT NULL,
    type          VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The place of the last event on its stream.
    last_sequence BIGINT       NOT NULL,
    enabled       BOOLEAN      NOT NULL,
    -- How many changes wait.
    pending       INT          NOT NULL,
    firings       BIGINT       NOT NULL,
    -- When the next of its timers ends, or NULL.
    fires_at      DATETIME(6)  NULL,
    renamed_to    VARCHAR(100) NULL,
    -- The master that wrote this.
    master        VARCHAR(100) NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
