-- Which older programs may go on with the schema as a migration has left it, so that masters of two versions can work
-- on one log while a cluster is upgraded. Every later migration adds its own line: "oldest" is the newest migration of
-- the oldest program that can. A migration without a line leaves only programs that have it.
CREATE TABLE schema_compatibility (
    version INT NOT NULL,
    oldest  INT NOT NULL,
    PRIMARY KEY (version)
) ENGINE = InnoDB;

INSERT INTO schema_compatibility (version, oldest) VALUES (20, 6);
