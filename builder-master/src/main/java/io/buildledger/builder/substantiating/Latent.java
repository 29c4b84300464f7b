package io.buildledger.builder.substantiating;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.substantiating.LatentWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A latent worker of a file. It is no record, so that printing it does not tell the password. */
public final class Latent {

    /** After a start that failed, also for workers that are used on after builds that fail. */
    private static final Duration LEAST_BACKOFF = Duration.ofSeconds(10);

    private final String worker;
    private final String password;
    private final LatentWorker how;
    private final Limits limits;
    private final Backoff backoff;

    /**
     * @param backoff after a start that failed; at least 10 s in any case
     */
    public Latent(
            String worker, String password, LatentWorker how, Limits limits, Backoff backoff) {
        this.worker = worker;
        this.password = password;
        this.how = how;
        this.limits = limits;
        this.backoff = new Backoff(atLeast(backoff.first()), atLeast(backoff.most()));
    }

    private static Duration atLeast(Duration backoff) {
        return backoff.compareTo(LEAST_BACKOFF) < 0 ? LEAST_BACKOFF : backoff;
    }

    /**
     * Those of a file.
     *
     * @param passwords of the workers that attach, by name
     */
    public static List<Latent> of(ConfigurationFile file, Map<String, String> passwords) {
        List<Latent> latent = new ArrayList<>();
        for (Configuration.Worker worker : file.configuration().workers()) {
            if (worker.latent() != null) {
                latent.add(
                        new Latent(
                                worker.name(),
                                Objects.requireNonNull(passwords.get(worker.name())),
                                worker.latent().how(),
                                new Limits(worker.buildWaitTimeout(), worker.startTimeout()),
                                new Backoff(
                                        worker.quarantineInitialTimeout(),
                                        worker.quarantineMaxTimeout())));
            }
        }
        return latent;
    }

    String worker() {
        return worker;
    }

    String password() {
        return password;
    }

    LatentWorker how() {
        return how;
    }

    Limits limits() {
        return limits;
    }

    Backoff backoff() {
        return backoff;
    }

    @Override
    public String toString() {
        return worker;
    }
}
