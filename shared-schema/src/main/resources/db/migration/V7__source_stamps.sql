-- The views are built again from the first event, for the new table to hold what is in the log already. From here on the
-- follower that writes them is called views-2: a master of the former program that is still alive knows the old name only.
--
-- First of all the old position goes to a master that never was: a batch of the former program can't commit any more, and
-- puts nothing into the tables once they are empty. It is not deleted, for a master of the former program that was started
-- a moment ago, and has found the schema as it knows it, would begin another, and write what views-2 writes, too.
UPDATE token SET owner = 'nobody#0' WHERE processor_name = 'views';

-- Which source stamps buildsets have. Equal ones have one id, whatever buildset they are of.
CREATE TABLE source_stamp_view (
    buildset_id     BIGINT       NOT NULL,
    -- Its number within the buildset, from 1. Codebases would not do: in a key, texts that differ in blanks at their ends
    -- are the same, and a cut one may be another's.
    stamp_number    INT          NOT NULL,
    codebase        VARCHAR(100) NOT NULL,
    -- The first 32 hexadecimal digits of the SHA-256 of all that the source stamp says, its patch too.
    source_stamp_id VARCHAR(32)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    repository      VARCHAR(500) NOT NULL,
    branch          VARCHAR(500) NULL,
    revision        VARCHAR(500) NULL,
    project         VARCHAR(500) NOT NULL,
    -- 1 if it has one, else 0.
    has_patch       INT          NOT NULL,
    PRIMARY KEY (buildset_id, stamp_number),
    -- The buildsets that are of one source stamp.
    KEY source_stamp_view_id (source_stamp_id, buildset_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

TRUNCATE TABLE change_view;
TRUNCATE TABLE buildset_view;
TRUNCATE TABLE request_view;
TRUNCATE TABLE build_view;
TRUNCATE TABLE step_view;
