package io.buildledger.substantiating;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What a {@link LatentWorker} works with in one call. */
public interface LatentRun {

    /** The worker's name, as it says when it attaches. */
    String worker();

    /**
     * The worker's password. It belongs neither into words of a command, which everybody on the
     * machine can see, nor into messages of exceptions.
     */
    String password();

    /** Where the worker reaches this master: a name or an address. */
    String masterHost();

    int masterPort();

    /**
     * What Buildbot's own images expect of their environment: {@code BUILDMASTER}, {@code
     * BUILDMASTER_PORT}, {@code BUILDMASTER_PROTOCOL}, {@code WORKERNAME} and {@code WORKERPASS}.
     */
    Map<String, String> environment();

    /**
     * Runs a command on the builder master, in the directory of the configuration file, and waits
     * for its end. It has the master's environment without what looks like a secret, what {@link
     * #environment} says, and what is given. What it leaves running goes on.
     *
     * @param env beside that
     * @throws IOException if it can't be run, ends with another status than 0, or takes too long,
     *     in which case it is killed; the end of what it has printed is in the master's log then,
     *     without the password and the values of {@code env}
     */
    void command(List<String> words, Map<String, String> env) throws IOException;
}
