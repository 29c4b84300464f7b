package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.replaying.ReplayFailedException;
import io.buildledger.scheduler.admitting.UnusableAccessException;
import java.util.List;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * What is told in a line or two, without a stack trace, where a command reads the database, or
 * files.
 */
final class ToldTrouble {

    private ToldTrouble() {}

    /** The lines; none for what is a fault of this program. */
    static List<String> of(RuntimeException e) {
        return switch (e) {
            case InvalidConfigurationException it ->
                    it.problems().stream().map(String::valueOf).toList();
            case UnusableDatabaseException it -> List.of(String.valueOf(it.getMessage()));
            case UnusableAccessException it -> List.of(String.valueOf(it.getMessage()));
            case NoAnswerException it -> List.of(String.valueOf(it.getMessage()));
            case ReplayFailedException it -> List.of(String.valueOf(it.getMessage()));
            case DataAccessException _, TransactionException _ ->
                    List.of(
                            "the database could not be read to the end: %s: see to it, then run this again"
                                    .formatted(DatabaseTrouble.reason(e)));
            default -> List.of();
        };
    }
}
