-- How each worker stands, as its stream tells: a copy of what a reader of worker/NAME would find, made by whoever writes
-- there, in the same transaction. What a master of the former program writes there is made up for by the next one who does.
CREATE TABLE worker (
    -- A local worker is MASTER/NAME.
    name                 VARCHAR(201) NOT NULL,
    -- The place on the worker's stream of the last event that this row tells of.
    sequence_number      BIGINT       NOT NULL,
    -- Which life of which master has it, or had it last. Whether that life lasts, the table master says.
    master               VARCHAR(100) NULL,
    epoch                BIGINT       NULL,
    version              VARCHAR(100) NULL,
    platform             VARCHAR(100) NULL,
    attached_at          DATETIME(6)  NULL,
    -- NULL while it is attached.
    detached_at          DATETIME(6)  NULL,
    -- Whether it was told to shut down, because somebody wanted that.
    shut_down            BOOLEAN      NOT NULL,
    missing_since        DATETIME(6)  NULL,
    paused_by            VARCHAR(100) NULL,
    pause_reason         VARCHAR(500) NULL,
    paused_at            DATETIME(6)  NULL,
    stop_requested_by    VARCHAR(100) NULL,
    stop_reason          VARCHAR(500) NULL,
    stop_requested_at    DATETIME(6)  NULL,
    -- How many builds in a row came to nothing because of it.
    failures             INT          NOT NULL,
    quarantined_until    DATETIME(6)  NULL,
    quarantine_reason    VARCHAR(500) NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Which workers each master has in its file.
CREATE TABLE master_worker (
    -- A local worker is MASTER/NAME.
    worker     VARCHAR(201) NOT NULL,
    master     VARCHAR(100) NOT NULL,
    attaches   BOOLEAN      NOT NULL,
    max_builds INT          NOT NULL,
    PRIMARY KEY (worker, master),
    -- What a master had when it started before.
    KEY master_worker_master (master)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
