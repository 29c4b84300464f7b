package io.buildledger.domain.mastering;

import java.util.List;
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

    /**
     * The master was told to read its configuration file again. What came of it is another event,
     * of which this one is the cause.
     */
    record ConfigurationReloadRequested(String master, long epoch, String requestedBy)
            implements MasterEvent {}

    /**
     * The master goes by its file as it is now.
     *
     * @param requestedBy {@code signal} for SIGHUP
     * @param differences from the file as it was before, one a line; secrets are not in them, and
     *     of very many the last line says only how many more there are
     * @param fingerprints of the factory of each builder that it runs from now on, by the builder's
     *     name
     */
    record ConfigurationReloaded(
            String master,
            long epoch,
            String requestedBy,
            List<String> differences,
            Map<String, String> fingerprints)
            implements MasterEvent {}

    /**
     * The master goes on by its file as it was before, in all that it does.
     *
     * @param problems with the file as it is now, one a line, in the same way as differences
     */
    record ConfigurationReloadRefused(
            String master, long epoch, String requestedBy, List<String> problems)
            implements MasterEvent {}

    /**
     * What people are told of the master's builders from now on. It is there when that is not what
     * the master's event of this kind said before; a master without any has said nothing.
     *
     * @param builders by name; those of which there is nothing to tell are left out
     * @param projects by name; those that have a builder here
     */
    record BuildersDescribed(
            String master,
            long epoch,
            Map<String, BuilderDescription> builders,
            Map<String, ProjectDescription> projects)
            implements MasterEvent {}

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
