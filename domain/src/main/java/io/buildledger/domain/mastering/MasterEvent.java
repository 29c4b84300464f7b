package io.buildledger.domain.mastering;

import java.util.Map;

/** What can happen to a master; the stream is {@code master/NAME}. */
public sealed interface MasterEvent {

    String master();

    long epoch();

    /**
     * @param epoch which life of the master this is, from 1
     * @param role {@code scheduler} or {@code builder}
     * @param host where it runs
     * @param pid its process there
     * @param fingerprints of the factory of each builder that it runs, by the builder's name
     */
    record MasterStarted(
            String master,
            long epoch,
            String role,
            String host,
            long pid,
            Map<String, String> fingerprints)
            implements MasterEvent {}

    /**
     * The master was told to claim nothing more, and to stop when its builds have ended.
     *
     * @param now whether it interrupts its builds instead and hands their requests back
     */
    record MasterDrained(String master, long epoch, boolean now, String requestedBy)
            implements MasterEvent {}

    /** The master may claim again, and does not stop. */
    record MasterUndrained(String master, long epoch, String requestedBy) implements MasterEvent {}

    /** The master stopped by itself and has released what it held. */
    record MasterStopped(String master, long epoch) implements MasterEvent {}

    /**
     * The master is taken for dead: its lease ran out, or a later life of it has started.
     *
     * @param declaredBy who noticed
     */
    record MasterLost(String master, long epoch, String declaredBy, String reason)
            implements MasterEvent {}
}
