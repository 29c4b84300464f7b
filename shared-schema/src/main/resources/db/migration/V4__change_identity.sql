-- Which change a commit of a branch became, so that what is told twice is taken once.

CREATE TABLE change_identity (
    -- SHA-256 of the repository, as all ways to write its address have it, the branch and the revision.
    identity  BINARY(32) NOT NULL,
    change_id BIGINT     NOT NULL,
    -- The judge between masters that take the same change in at the same time; also whether a change is known.
    PRIMARY KEY (identity)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
