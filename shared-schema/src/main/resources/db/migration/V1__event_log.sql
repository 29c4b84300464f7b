-- The event log, and what masters need to share besides it. Text is compared by its bytes: two builders whose
-- names differ in case are two builders. Times are UTC and the database's own.

CREATE TABLE event (
    global_index    BIGINT       NOT NULL AUTO_INCREMENT,
    stream          VARCHAR(255) NOT NULL,
    sequence_number BIGINT       NOT NULL,
    type            VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision        VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    payload         MEDIUMTEXT   NOT NULL,
    metadata        TEXT         NOT NULL,
    recorded_at     DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    -- Axon reads these two; neither is stored.
    event_id        VARCHAR(280) GENERATED ALWAYS AS (CONCAT(stream, '@', sequence_number)) VIRTUAL,
    stream_kind     VARCHAR(255) GENERATED ALWAYS AS (SUBSTRING_INDEX(stream, '/', 1)) VIRTUAL,
    PRIMARY KEY (global_index),
    -- The only judge of who may write the next event of a stream; also serves the reading of a stream.
    UNIQUE KEY event_stream_sequence (stream, sequence_number),
    -- Where the log was at a given time.
    KEY event_recorded_at (recorded_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How far each streaming processor has read, and who owns it (master#epoch).
CREATE TABLE token (
    processor_name VARCHAR(255) NOT NULL,
    segment        INT          NOT NULL,
    token          MEDIUMTEXT   NULL,
    token_type     VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
    timestamp      VARCHAR(64)  CHARACTER SET ascii COLLATE ascii_bin NULL,
    owner          VARCHAR(255) NULL,
    PRIMARY KEY (processor_name, segment)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The next free number of each kind: change, buildset, build request, the builds of each builder.
CREATE TABLE number_sequence (
    name        VARCHAR(255) NOT NULL,
    next_number BIGINT       NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE master (
    name         VARCHAR(100) NOT NULL,
    epoch        BIGINT       NOT NULL,
    role         VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state        VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    host         VARCHAR(255) NOT NULL,
    pid          BIGINT       NOT NULL,
    lease_micros BIGINT       NOT NULL,
    started_at   DATETIME(6)  NOT NULL,
    leased_until DATETIME(6)  NOT NULL,
    PRIMARY KEY (name),
    -- Whose lease has run out.
    KEY master_lease (state, leased_until)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Unclaimed requests only.
CREATE TABLE build_request_queue (
    request_id   BIGINT       NOT NULL,
    buildset_id  BIGINT       NOT NULL,
    builder      VARCHAR(100) NOT NULL,
    priority     INT          NOT NULL,
    submitted_at DATETIME(6)  NOT NULL,
    attempts     INT          NOT NULL,
    -- Where on the request's stream the claim must be written.
    next_sequence BIGINT      NOT NULL,
    PRIMARY KEY (request_id),
    -- The order of claims within a builder. The claiming statement must not sort: it would lock all that it sorts.
    KEY build_request_offer (builder, priority DESC, submitted_at, request_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Claims without an end yet.
CREATE TABLE claim (
    request_id   BIGINT       NOT NULL,
    buildset_id  BIGINT       NOT NULL,
    builder      VARCHAR(100) NOT NULL,
    priority     INT          NOT NULL,
    submitted_at DATETIME(6)  NOT NULL,
    attempt      INT          NOT NULL,
    build_number BIGINT       NOT NULL,
    master       VARCHAR(100) NOT NULL,
    epoch        BIGINT       NOT NULL,
    PRIMARY KEY (request_id),
    -- What a lost master held.
    KEY claim_master (master, epoch)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- How many requests of an unfinished buildset are open. Whoever takes it to zero completes the buildset.
CREATE TABLE buildset_progress (
    buildset_id BIGINT NOT NULL,
    remaining   INT    NOT NULL,
    -- The severity of the worst result so far.
    worst       INT    NOT NULL,
    PRIMARY KEY (buildset_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE step_log (
    log_id       BIGINT       NOT NULL AUTO_INCREMENT,
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NOT NULL,
    step         INT          NOT NULL,
    name         VARCHAR(100) NOT NULL,
    complete     BOOLEAN      NOT NULL,
    PRIMARY KEY (log_id),
    -- The logs of a build.
    UNIQUE KEY step_log_name (builder, build_number, step, name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE step_log_chunk (
    log_id     BIGINT     NOT NULL,
    first_line BIGINT     NOT NULL,
    line_count INT        NOT NULL,
    -- Deflated UTF-8; each line begins with o, e or h (stdout, stderr, header) and ends with a newline.
    content    MEDIUMBLOB NOT NULL,
    PRIMARY KEY (log_id, first_line)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
