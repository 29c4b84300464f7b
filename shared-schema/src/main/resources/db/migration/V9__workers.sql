-- The last command of each build on an attached worker, until the worker has said that it has ended. What a worker that
-- comes back has left here is ended before the worker is used.
CREATE TABLE open_command (
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NOT NULL,
    worker       VARCHAR(100) NOT NULL,
    command_id   VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (builder, build_number),
    -- What may still run on a worker.
    KEY open_command_worker (worker)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
