package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The configuration that masters are measured with.
 *
 * @param workers how many local workers there are; each builder can use all of them
 * @param builders how many, each with the same factory; a worker runs one build of each at once
 * @param factory the steps, as YAML; {@code []} makes builds that do nothing
 * @param schedulers as YAML, a line each
 */
record ClusterFile(
        Database database,
        String pollInterval,
        boolean hints,
        int webPort,
        int builders,
        int workers,
        String factory,
        List<String> schedulers) {

    private static final String EVERY_CHANGE =
            "any_branch: {name: every-change, builder_names: [%s]}".formatted(builder(1));

    /** With one scheduler, which has the first builder build every change. */
    ClusterFile(
            Database database,
            String pollInterval,
            boolean hints,
            int webPort,
            int builders,
            int workers,
            String factory) {
        this(
                database,
                pollInterval,
                hints,
                webPort,
                builders,
                workers,
                factory,
                List.of(EVERY_CHANGE));
    }

    static String builder(int number) {
        return "b" + number;
    }

    private static String worker(int number) {
        return "w" + number;
    }

    /** Builds that one master runs at once. */
    int buildsAtOnce() {
        return builders * workers;
    }

    String yaml(Path basedir) {
        String workerNames =
                IntStream.rangeClosed(1, workers)
                        .mapToObj(ClusterFile::worker)
                        .collect(Collectors.joining(", ", "[", "]"));
        return """
        db_url: "%s"
        db_user: "%s"
        db_password: "%s"
        db_poll_interval: %s
        drain_timeout: 1s
        hints: {enabled: %s}
        basedir: %s
        web: {port: %d}
        schedulers:%s
        builders:%s
        workers:%s
        """
                .formatted(
                        database.url(),
                        database.user(),
                        database.password(),
                        pollInterval,
                        hints,
                        basedir,
                        webPort,
                        schedulers.stream()
                                .map("\n  - %s"::formatted)
                                .collect(Collectors.joining()),
                        IntStream.rangeClosed(1, builders)
                                .mapToObj(number ->
                                        "\n  - {name: %s, worker_names: %s, max_attempts: 1000, factory: %s}"
                                                .formatted(builder(number), workerNames, factory))
                                .collect(Collectors.joining()),
                        IntStream.rangeClosed(1, workers)
                                .mapToObj(number ->
                                        "\n  - {name: %s, max_builds: %d}"
                                                .formatted(worker(number), builders))
                                .collect(Collectors.joining()));
    }
}
