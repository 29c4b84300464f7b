package io.buildledger.log;

/**
 * Who writes to the log, as recorded with each event.
 *
 * @param master name of the master
 * @param epoch which life of it
 */
public record Author(String master, long epoch) {

    /** The author as owner of a follower's position. */
    public String owner() {
        return master + "#" + epoch;
    }
}
