-- Which open requests a later one may end.

-- The requests that each old_build_canceller watches over, by the branches that they build: those that have not ended,
-- as far as it has read the log.
CREATE TABLE cancellable_request (
    canceller     VARCHAR(100) NOT NULL,
    request_id    BIGINT       NOT NULL,
    -- SHA-256 of codebase, project, repository and branch.
    branch_key    BINARY(32)   NOT NULL,
    builder       VARCHAR(100) NOT NULL,
    -- Of the changes of that branch that the request was made for; NULL if there is none.
    newest_change BIGINT       NULL,
    asked_at      DATETIME(6)  NOT NULL,
    -- What is over with a request that ended.
    PRIMARY KEY (canceller, request_id, branch_key),
    -- What a later request of the builder may end.
    KEY cancellable_request_branch (canceller, builder, branch_key)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
