package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.configuring.WrittenDuration;
import io.buildledger.database.Database;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.log.NewerProgramException;
import io.buildledger.reloading.Hangup;
import io.buildledger.scheduler.supposing.Shadow;
import io.buildledger.scheduler.supposing.Shadow.Terms;
import io.buildledger.scheduler.supposing.Shadow.Voice;
import io.buildledger.showing.Printable;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** With what a scheduler master is started that is to have no effect. */
public final class ShadowOptions {

    /** What makes no sense without the first. */
    static final class Asked {

        @Option(
                names = "--shadow",
                required = true,
                description =
                        "only follow the log of a cluster, and print where this file decides otherwise")
        boolean isShadow;

        @ArgGroup(exclusive = false)
        DatabaseOptions.@Nullable Named named;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                description =
                        "begin in the past: as long ago as 30d, or when it was 2026-10-01T03:12:00Z, or '2026-10-01 03:12' in this machine's zone (where the log ends)")
        @Nullable String since;

        @Option(
                names = "--until-caught-up",
                description =
                        "end when all is compared that is there at the start: with 0 if nothing differs, else with 1")
        boolean isUntilCaughtUp;

        @Option(
                names = "--grace",
                paramLabel = "DURATION",
                description = "how long the cluster has for what it does (60s)")
        String grace = "60s";
    }

    private static final Logger LOG = LoggerFactory.getLogger(ShadowOptions.class);

    private static final String SINCE_EXPECTED =
            "write how long ago, like 30d, 12h or 90m, or when: " + GivenTime.DESCRIPTION;
    private static final Duration SHORTEST_GRACE = Duration.ofSeconds(1);
    private static final Duration LONGEST_GRACE = Duration.ofDays(1);
    private static final Duration LAST_WORD = Duration.ofSeconds(10);

    @ArgGroup(exclusive = false)
    private @Nullable Asked asked;

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    /** Whether the master is to be a shadow. */
    public boolean areGiven() {
        return asked != null;
    }

    /**
     * Runs the shadow until it is told to stop, by SIGTERM or SIGINT, after which the process ends
     * with 0, or until it has caught up. A signal before that ends the process with 1.
     *
     * @return 0, or 1 if something differs and it was to catch up, or after it has said on standard
     *     error why it can't go on
     */
    public int run(Path config) throws InterruptedException {
        Asked given = asked;
        if (given == null) {
            throw new IllegalStateException("no shadow is asked for");
        }
        Terms terms = terms(given);
        Hangup hangup = Hangup.listen();
        try {
            Database database =
                    given.named == null
                            ? ConfigurationFile.read(config).database()
                            : given.named.database();
            Shadow shadow =
                    new Shadow(
                            database,
                            terms,
                            () -> ConfigurationFile.read(config),
                            new Voice(
                                    to(spec.commandLine().getOut()),
                                    to(spec.commandLine().getErr())));
            hangup.onHangup(shadow::reload);
            return run(shadow, terms.isUntilCaughtUp()) || !terms.isUntilCaughtUp() ? 0 : 1;
        } catch (InvalidConfigurationException e) {
            e.problems().forEach(this::warn);
        } catch (UnusableDatabaseException | NoAnswerException | NewerProgramException e) {
            warn(String.valueOf(e.getMessage()));
        } catch (DataAccessException e) {
            warn("the log can't be read: %s".formatted(DatabaseTrouble.reason(e)));
        }
        return 1;
    }

    /** A signal begins the end of the process, which waits for the last word. */
    private static boolean run(Shadow shadow, boolean isUntilCaughtUp) throws InterruptedException {
        CountDownLatch isOver = new CountDownLatch(1);
        Thread hook =
                Thread.ofPlatform()
                        .name("shadow-stop")
                        .unstarted(() -> {
                            shadow.stop();
                            try {
                                boolean _ = isOver.await(LAST_WORD.toSeconds(), TimeUnit.SECONDS);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            Runtime.getRuntime().halt(isUntilCaughtUp ? 1 : 0);
                        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return shadow.run();
        } finally {
            isOver.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                LOG.debug("a signal ends the process", e);
            }
        }
    }

    private static Consumer<String> to(PrintWriter where) {
        return line -> {
            where.println(Printable.of(line));
            where.flush();
        };
    }

    private void warn(String message) {
        to(spec.commandLine().getErr()).accept(message);
    }

    private Terms terms(Asked given) {
        String since = given.since;
        Optional<Duration> last = since == null ? Optional.empty() : WrittenDuration.parse(since);
        if (last.filter(Duration::isZero).isPresent()) {
            throw misuse("--since: '%s' is no time at all: %s".formatted(since, SINCE_EXPECTED));
        }
        if (since == null && given.isUntilCaughtUp) {
            throw misuse(
                    "--until-caught-up: there is nothing to catch up with where the log ends: say with --since where to begin");
        }
        return new Terms(
                since == null || last.isPresent() ? null : time(since),
                last.orElse(null),
                grace(given.grace),
                given.isUntilCaughtUp);
    }

    private Instant time(String text) {
        try {
            return GivenTime.here().read("--since", text);
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private Duration grace(String text) {
        return WrittenDuration.parse(text)
                .filter(it -> it.compareTo(SHORTEST_GRACE) >= 0)
                .filter(it -> it.compareTo(LONGEST_GRACE) <= 0)
                .orElseThrow(() ->
                        misuse(
                                "--grace: '%s' is no duration from 1s to 24h: write it like 60s or 5m"
                                        .formatted(text)));
    }

    private ParameterException misuse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
