-- The log is sealed block by block, each on the one before it, so that it can be shown later to be what it was then.
-- What is hashed is said in docs/tamper-evidence.md.
CREATE TABLE event_chain (
    -- From 0, one by one. Of masters that seal at the same time the key lets one.
    block_number  BIGINT      NOT NULL,
    -- Its first event in the log, and its last. What is between two blocks belongs to the later one.
    first_index   BIGINT      NOT NULL,
    last_index    BIGINT      NOT NULL,
    events        INT         NOT NULL,
    sealed_at     DATETIME(6) NOT NULL,
    -- The hash of the block before it.
    previous_hash BINARY(32)  NOT NULL,
    -- SHA-256 of all that; of block 0, which has no events, 32 random bytes that name this log.
    hash          BINARY(32)  NOT NULL,
    -- The index of each event and four bytes of its hash: no proof, but they tell which event of a block is not what it was.
    marks         MEDIUMBLOB  NOT NULL,
    PRIMARY KEY (block_number)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
