package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import picocli.CommandLine.ArgGroup;

/** What all commands have that go to the database itself, whether or not a master runs. */
abstract class DatabaseCommand extends MasterlessCommand {

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // picocli's
    private DatabaseOptions options;

    @Override
    final Database database() {
        return options.database();
    }
}
