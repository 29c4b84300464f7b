package io.buildledger.chaos;

import io.buildledger.database.Database;

/** The server that the cluster's database is on, and how it is killed. */
interface DatabaseServer {

    /** As a user who may create databases and change settings. */
    Database administration();

    /** Whether it may be killed. */
    boolean canBeKilled();

    /**
     * {@code kill -9}; of several servers, of the one that takes writes.
     *
     * @return which one it was, for people
     */
    String kill() throws InterruptedException;

    /** Starts again what was killed, with what it had; returns when it answers. */
    void start() throws InterruptedException;
}
