-- What was so after the events up to one of them, so that who wants to know need not read the log from its beginning.
-- Made from the log, and made anew where it is missing.
CREATE TABLE cluster_snapshot (
    -- The last event that counts.
    global_index BIGINT       NOT NULL,
    -- What is told of: requests, masters and so on; scheduler/NAME.
    part         VARCHAR(150) NOT NULL,
    -- A large part is cut.
    piece        INT          NOT NULL,
    -- Which program can read it.
    format       VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Deflated JSON.
    content      MEDIUMBLOB   NOT NULL,
    PRIMARY KEY (format, global_index, part, piece)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
