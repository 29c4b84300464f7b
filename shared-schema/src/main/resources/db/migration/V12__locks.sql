-- Each lock that was ever asked for. Whoever changes its line holds its row; several locks are taken in the order of
-- their names.
CREATE TABLE named_lock (
    lock_name     VARCHAR(210) NOT NULL,
    -- Where on the lock's stream the next event is written.
    next_sequence BIGINT       NOT NULL,
    next_ticket   BIGINT       NOT NULL,
    PRIMARY KEY (lock_name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The lines of the locks: who holds them, and who is next. A builder whose requests could not be claimed for the sake of
-- a lock has a ticket, too, which the log does not know, and which is void after expires_at or when it has no request on
-- offer any more. Only such a ticket has an expiry, and it has none of what tells of a build.
CREATE TABLE lock_ticket (
    lock_name    VARCHAR(210) NOT NULL,
    ticket       BIGINT       NOT NULL,
    mode         VARCHAR(16)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- How much of the lock, and how much there is.
    amount       INT          NOT NULL,
    max_count    INT          NOT NULL,
    held         BOOLEAN      NOT NULL,
    builder      VARCHAR(100) NOT NULL,
    build_number BIGINT       NULL,
    request_id   BIGINT       NULL,
    attempt      INT          NULL,
    -- Of the build; null where it is for all of it.
    step         INT          NULL,
    master       VARCHAR(100) NULL,
    epoch        BIGINT       NULL,
    expires_at   DATETIME(6)  NULL,
    PRIMARY KEY (lock_name, ticket),
    -- What a build holds.
    KEY lock_ticket_request (request_id),
    -- What a lost master has left.
    KEY lock_ticket_master (master, epoch)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
