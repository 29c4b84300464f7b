-- The lock of a worker has the worker's name behind a slash, and that of a local worker is MASTER/NAME.
ALTER TABLE named_lock
    MODIFY COLUMN lock_name VARCHAR(250) NOT NULL;

ALTER TABLE lock_ticket
    MODIFY COLUMN lock_name VARCHAR(250) NOT NULL;
