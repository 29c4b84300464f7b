package io.buildledger.replaying;

/** Is told how far a replay is, by the thread that replays. */
@FunctionalInterface
public interface ReplayProgress {

    /** Tells nobody. */
    ReplayProgress NONE = (_, _) -> {};

    /**
     * @param index of the event that was replayed last
     * @param last up to which it goes; grows while masters write
     */
    void at(long index, long last);
}
