package io.buildledger.replaying;

import java.util.List;

/**
 * A row that is not as the log has it.
 *
 * @param key of the row
 * @param what is wrong with it, for people
 * @param streams whose events tell of it
 */
public record StateDifference(
        StateTable table, List<Object> key, String what, List<String> streams) {}
