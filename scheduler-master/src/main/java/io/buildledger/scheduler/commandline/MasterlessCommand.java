package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;

/** What all commands have that ask the cluster's database themselves. */
abstract class MasterlessCommand extends LocalCommand {

    /** Where the cluster's database is. */
    abstract Database database();

    /**
     * Reads or writes, and prints.
     *
     * @return whether the answer is yes
     */
    abstract boolean run(Database database) throws InterruptedException;

    @Override
    final boolean run() throws InterruptedException {
        return run(database());
    }
}
