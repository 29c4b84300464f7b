-- From here on the follower that writes the views is called views-3: a master of the former program that is still alive
-- knows the old name only, and would leave out the new table. The old position goes to a master that never was, so that no
-- batch of the former program can commit any more. The new follower goes on where the old one was, for of what the new
-- table shows nothing is in the log yet.
UPDATE token SET owner = 'nobody#0' WHERE processor_name = 'views-2';
INSERT IGNORE INTO token (processor_name, segment, token, token_type, timestamp)
SELECT 'views-3', segment, token, token_type, timestamp FROM token WHERE processor_name = 'views-2';

-- The files that builds have left behind. Of several at one path the one with the greatest number is there.
CREATE TABLE artifact_view (
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NOT NULL,
    -- Its number within the build, from 1.
    artifact     INT          NOT NULL,
    step         INT          NOT NULL,
    path         VARCHAR(500) NOT NULL,
    size         BIGINT       NOT NULL,
    sha256       VARCHAR(64)  NOT NULL,
    store        VARCHAR(64)  NOT NULL,
    location     VARCHAR(1000) NOT NULL,
    stored_at    DATETIME(6)  NOT NULL,
    PRIMARY KEY (builder, build_number, artifact),
    -- What a build has left at a path.
    KEY artifact_view_path (builder, build_number, path(100), artifact)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the store "database" has; which artifact it is of, the log says.
CREATE TABLE artifact_content (
    content_id BIGINT       NOT NULL AUTO_INCREMENT,
    -- Which life of which master writes it.
    master     VARCHAR(100) NOT NULL,
    epoch      BIGINT       NOT NULL,
    -- Whether it is whole. What is not when its writer's life is over will never be, and is removed.
    kept       BOOLEAN      NOT NULL,
    PRIMARY KEY (content_id),
    -- What was never finished.
    KEY artifact_content_kept (kept, content_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE artifact_chunk (
    content_id   BIGINT     NOT NULL,
    -- From 0, without a gap.
    chunk_number INT        NOT NULL,
    -- 512 KiB, the last one less.
    content      MEDIUMBLOB NOT NULL,
    PRIMARY KEY (content_id, chunk_number)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
