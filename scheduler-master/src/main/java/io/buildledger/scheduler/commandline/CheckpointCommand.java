package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.sealing.ChainVerification;
import picocli.CommandLine.Command;

@Command(
        name = "checkpoint",
        description =
                "Print where the log's chain of hashes is, to be kept elsewhere: 'verify --chain --since' checks later that the log still goes through it.")
final class CheckpointCommand extends DatabaseCommand {

    /** One line of JSON, asked for or not. */
    @Override
    boolean run(Database database) {
        out().println(
                        ChainVerification.checkpoint(database)
                                .orElseThrow(() ->
                                        new NoAnswerException(
                                                "nothing of this log is sealed yet: masters do that two minutes after an event; see that one runs, and try again"))
                                .text());
        return true;
    }
}
