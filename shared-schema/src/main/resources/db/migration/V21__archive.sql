-- Events of builds that ended long ago, which were moved from the table "event" to files: docs/long-logs.md. Rows are added
-- here before the first event is deleted there, and never removed.
CREATE TABLE archive_segment (
    -- From 1.
    segment     INT           NOT NULL,
    -- Where its file was written; each master and command may be told of another directory.
    directory   VARCHAR(1000) NOT NULL,
    file        VARCHAR(100)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sha256      BINARY(32)    NOT NULL,
    bytes       BIGINT        NOT NULL,
    events      INT           NOT NULL,
    first_index BIGINT        NOT NULL,
    last_index  BIGINT        NOT NULL,
    archived_at DATETIME(6)   NOT NULL,
    -- Whether the table "event" has none of its events any more.
    trimmed     BOOLEAN       NOT NULL,
    PRIMARY KEY (segment)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What of a segment's file can be read by itself.
CREATE TABLE archive_block (
    segment     INT         NOT NULL,
    first_index BIGINT      NOT NULL,
    last_index  BIGINT      NOT NULL,
    -- When the first and the last of its events were recorded.
    first_at    DATETIME(6) NOT NULL,
    last_at     DATETIME(6) NOT NULL,
    file_offset BIGINT      NOT NULL,
    bytes       INT         NOT NULL,
    PRIMARY KEY (segment, first_index)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Where the events of a stream are; a stream is moved whole, and once.
CREATE TABLE archived_stream (
    stream      VARCHAR(255) NOT NULL,
    segment     INT          NOT NULL,
    first_index BIGINT       NOT NULL,
    last_index  BIGINT       NOT NULL,
    events      INT          NOT NULL,
    PRIMARY KEY (stream)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Until something is archived; whoever does that first leaves only programs that read it.
INSERT INTO schema_compatibility (version, oldest) VALUES (21, 6);
