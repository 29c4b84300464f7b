package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The configuration that masters are measured with.
 *
 * @param workers how many local workers there are; each builder can use all of them
 * @param builders how many, each with the same factory; a worker runs one build of each at once
 * @param factory the steps, as YAML; {@code []} makes builds that do nothing
 */
record ClusterFile(
        Database database,
        String pollInterval,
        boolean hints,
        int webPort,
        int builders,
        int workers,
        String factory) {

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
        schedulers:
          - single_branch: {name: every-change, builder_names: [%s]}
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
                        builder(1),
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
