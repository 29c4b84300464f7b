-- What runs a latent worker, as its stream tells. NULL: nothing.
ALTER TABLE worker
    -- starting, up or ending.
    ADD COLUMN machine        VARCHAR(8)   CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- Which life of which master has started it, or has it in hand.
    ADD COLUMN machine_master VARCHAR(100) NULL,
    ADD COLUMN machine_epoch  BIGINT       NULL,
    ADD COLUMN machine_since  DATETIME(6)  NULL;

-- Whether masters start and stop it. A master of the former program, which can't, says nothing of it.
ALTER TABLE master_worker
    ADD COLUMN latent BOOLEAN NOT NULL DEFAULT FALSE;
