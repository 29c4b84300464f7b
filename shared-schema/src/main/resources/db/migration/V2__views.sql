-- Projections of the log: each can be emptied and built again from the first event.

CREATE TABLE change_view (
    change_id   BIGINT       NOT NULL,
    repository  VARCHAR(500) NOT NULL,
    branch      VARCHAR(500) NULL,
    revision    VARCHAR(500) NULL,
    project     VARCHAR(500) NOT NULL,
    author      VARCHAR(500) NOT NULL,
    comments    TEXT         NOT NULL,
    file_count  INT          NOT NULL,
    revlink     VARCHAR(1000) NULL,
    source      VARCHAR(64)  NOT NULL,
    received_at DATETIME(6)  NOT NULL,
    PRIMARY KEY (change_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE buildset_view (
    buildset_id  BIGINT       NOT NULL,
    scheduler    VARCHAR(100) NOT NULL,
    reason       VARCHAR(500) NOT NULL,
    repository   VARCHAR(500) NOT NULL,
    branch       VARCHAR(500) NULL,
    revision     VARCHAR(500) NULL,
    -- As a JSON array.
    change_ids   MEDIUMTEXT   NOT NULL,
    submitted_at DATETIME(6)  NOT NULL,
    results      VARCHAR(16)  NULL,
    completed_at DATETIME(6)  NULL,
    PRIMARY KEY (buildset_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE request_view (
    request_id   BIGINT       NOT NULL,
    buildset_id  BIGINT       NOT NULL,
    builder      VARCHAR(100) NOT NULL,
    priority     INT          NOT NULL,
    submitted_at DATETIME(6)  NOT NULL,
    state        VARCHAR(16)  NOT NULL,
    attempt      INT          NOT NULL,
    master       VARCHAR(100) NULL,
    build_number BIGINT       NULL,
    results      VARCHAR(16)  NULL,
    completed_at DATETIME(6)  NULL,
    PRIMARY KEY (request_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE build_view (
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NOT NULL,
    request_id   BIGINT       NOT NULL,
    attempt      INT          NOT NULL,
    master       VARCHAR(100) NOT NULL,
    epoch        BIGINT       NOT NULL,
    worker       VARCHAR(100) NOT NULL,
    state        VARCHAR(16)  NOT NULL,
    results      VARCHAR(16)  NULL,
    summary      VARCHAR(1000) NULL,
    claimed_at   DATETIME(6)  NOT NULL,
    started_at   DATETIME(6)  NULL,
    finished_at  DATETIME(6)  NULL,
    PRIMARY KEY (builder, build_number),
    -- The newest builds of all builders.
    KEY build_view_claimed (claimed_at),
    -- The builds that a request has had.
    KEY build_view_request (request_id, attempt)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE step_view (
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NOT NULL,
    step         INT          NOT NULL,
    name         VARCHAR(100) NOT NULL,
    results      VARCHAR(16)  NULL,
    exit_code    INT          NULL,
    summary      VARCHAR(1000) NULL,
    started_at   DATETIME(6)  NOT NULL,
    finished_at  DATETIME(6)  NULL,
    PRIMARY KEY (builder, build_number, step)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
