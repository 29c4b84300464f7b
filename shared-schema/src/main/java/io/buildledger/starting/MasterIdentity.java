package io.buildledger.starting;

/**
 * Which master this process is.
 *
 * @param name unique in the cluster
 * @param role {@code scheduler} or {@code builder}
 */
public record MasterIdentity(String name, String role) {

    private static final int LONGEST = 60;

    private static final String OF_REPLAYS = "replay";

    public MasterIdentity {
        if (!name.matches("[A-Za-z0-9._-]{1," + LONGEST + "}")) {
            throw new IllegalArgumentException(
                    "--name: '%s' has to be 1 to %d letters, digits, dots, dashes or underscores"
                            .formatted(name, LONGEST));
        }
        if (name.equals(OF_REPLAYS)) {
            throw new IllegalArgumentException(
                    "--name: '%s' is what replays are called in the cluster: choose another"
                            .formatted(name));
        }
    }
}
