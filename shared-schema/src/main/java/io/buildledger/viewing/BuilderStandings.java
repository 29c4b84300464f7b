package io.buildledger.viewing;

import io.buildledger.database.UtcColumn;
import io.buildledger.viewing.Views.Build;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;

/**
 * How builders stand: which of them are red, what they build now, what they built last, and what
 * waits for them. What each list costs depends on how many builders there are, on how many builds
 * run and on how many requests wait, and not on how much was ever built.
 */
public final class BuilderStandings {

    /** How many builds of a builder are looked at. */
    public static final int LATEST = 12;

    /**
     * A builder whose last build that came to a result has failed.
     *
     * @param build the last one that came to a result
     * @param failures how many have failed in a row, as far as {@code latest} goes back
     * @param since when the first of these ended
     * @param atLeast whether it may have failed for longer, as all of {@code latest} have
     * @param latest builds, the newest first
     */
    public record Red(
            Build build, int failures, Instant since, boolean atLeast, List<Build> latest) {}

    /**
     * @param count how many are red, of which {@code last} has as many as were asked for
     */
    public record Reds(List<Red> last, long count) {}

    /**
     * A build that is claimed or runs.
     *
     * @param gone since it was claimed, by the database's clock
     * @param usually how long the builder's last successful builds took, in the middle; null if
     *     there is none among its {@link #LATEST}
     */
    public record Running(Build build, Duration gone, @Nullable Duration usually) {}

    /**
     * What waits for a builder.
     *
     * @param first the request that waits for the longest
     */
    public record Waiting(String builder, long requests, Instant oldest, long first) {

        /** The names of their builders. */
        public static List<String> builders(List<Waiting> waiting) {
            return waiting.stream().map(Waiting::builder).toList();
        }
    }

    // A build that came to nothing, or that somebody ended, says nothing of what was built. A
    // builder that was given up is forgotten with its masters, and not while these are down for a
    // day. What is DISTINCT is made before it is looked at, and so each last build is looked for
    // once; by MAX, MariaDB would read all builds of each builder. Where builders have few builds
    // it would begin with these.
    private static final String FROM_RED =
            """
              FROM (SELECT DISTINCT seen.builder,
                           (SELECT f.build_number
                              FROM build_view f
                             WHERE f.builder = seen.builder
                               AND f.build_number > seen.newest - :farthest
                               AND f.results IN ('SUCCESS', 'WARNINGS', 'FAILURE', 'EXCEPTION')
                             ORDER BY f.build_number DESC
                             LIMIT 1) AS build_number
                      FROM (SELECT DISTINCT named.builder,
                                   (SELECT n.build_number
                                      FROM build_view n
                                     WHERE n.builder = named.builder
                                     ORDER BY n.build_number DESC
                                     LIMIT 1) AS newest
                              FROM (SELECT DISTINCT o.builder
                                      FROM master_builder o JOIN master m ON m.name = o.master
                                     WHERE m.state = 'live'
                                        OR m.leased_until > UTC_TIMESTAMP(6) - INTERVAL 1 DAY) AS named) AS seen) AS b
                   STRAIGHT_JOIN build_view v ON v.builder = b.builder AND v.build_number = b.build_number
             WHERE v.results IN ('FAILURE', 'EXCEPTION')
            """;

    private static final String RED =
            """
            SELECT v.builder, v.build_number, v.request_id, v.attempt, v.master, v.epoch, v.worker, v.state, v.results,
                   v.summary, v.claimed_at, v.started_at, v.finished_at, COUNT(*) OVER () AS all_of_them
            """
                    + FROM_RED
                    + " ORDER BY v.finished_at DESC, v.builder LIMIT :limit";

    private static final String RED_NAMES = "SELECT v.builder" + FROM_RED;

    /** A builder that has come to no result in so many builds is not red. */
    static final int FARTHEST = 200;

    private static final String RUNNING =
            """
            SELECT v.builder, v.build_number, v.request_id, v.attempt, v.master, v.epoch, v.worker, v.state, v.results,
                   v.summary, v.claimed_at, v.started_at, v.finished_at,
                   TIMESTAMPDIFF(MICROSECOND, v.claimed_at, UTC_TIMESTAMP(6)) AS micros
              FROM claim c JOIN build_view v ON v.builder = c.builder AND v.build_number = c.build_number
             WHERE v.state <> 'finished'
             ORDER BY v.claimed_at, v.builder, v.build_number
             LIMIT :limit
            """;

    private static final String RUNNING_COUNT = "SELECT COUNT(*) FROM claim";

    private static final int AT_ONCE = 50;

    private static final String RUNNING_OF =
            "SELECT builder, COUNT(*) AS builds FROM claim GROUP BY builder";

    private static final String FROM_WAITING =
            """
            SELECT builder, COUNT(*) AS requests, MIN(submitted_at) AS oldest, MIN(request_id) AS first_request
              FROM build_request_queue
            """;

    private static final String WAITING =
            FROM_WAITING + " GROUP BY builder ORDER BY oldest, builder";

    private static final String WAITING_FOR =
            FROM_WAITING + " WHERE builder = :builder GROUP BY builder";

    private static final String WAITING_NAMES = "SELECT DISTINCT builder FROM build_request_queue";

    private final JdbcClient jdbc;

    public BuilderStandings(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Of the builders that masters have, those that are red, the last to fail first. */
    public Reds red(int limit) {
        List<Build> red = new ArrayList<>();
        long[] count = new long[1];
        jdbc.sql(RED)
                .param("farthest", FARTHEST)
                .param("limit", limit)
                .query(row -> {
                    red.add(Views.build(row));
                    count[0] = row.getLong("all_of_them");
                });
        Map<String, List<Build>> latest = latest(red.stream().map(Build::builder).toList());
        return new Reds(
                red.stream()
                        .map(build -> red(build, latest.getOrDefault(build.builder(), List.of())))
                        .toList(),
                count[0]);
    }

    /** The names of all that are red. */
    public Set<String> redNames() {
        return jdbc.sql(RED_NAMES).param("farthest", FARTHEST).query(String.class).set();
    }

    private static Red red(Build last, List<Build> latest) {
        List<Build> results =
                latest.stream()
                        .filter(it -> it.buildNumber() <= last.buildNumber() && saysSomething(it))
                        .toList();
        List<Build> failed = results.stream().takeWhile(BuilderStandings::isBad).toList();
        Build first = failed.isEmpty() ? last : failed.getLast();
        return new Red(
                last,
                Math.max(1, failed.size()),
                Optional.ofNullable(first.finishedAt()).orElse(first.claimedAt()),
                failed.size() == results.size() && latest.size() == LATEST,
                latest);
    }

    private static boolean saysSomething(Build build) {
        return isBad(build) || isGood(build);
    }

    private static boolean isBad(Build build) {
        return "FAILURE".equals(build.results()) || "EXCEPTION".equals(build.results());
    }

    private static boolean isGood(Build build) {
        return "SUCCESS".equals(build.results()) || "WARNINGS".equals(build.results());
    }

    /** What is claimed or runs, what has done so for the longest first. */
    public List<Running> running(int limit) {
        List<Running> running =
                jdbc.sql(RUNNING)
                        .param("limit", limit)
                        .query((row, _) ->
                                new Running(
                                        Views.build(row),
                                        Duration.of(row.getLong("micros"), ChronoUnit.MICROS),
                                        null))
                        .list();
        Map<String, List<Build>> latest =
                latest(running.stream().map(it -> it.build().builder()).distinct().toList());
        return running.stream()
                .map(it ->
                        new Running(
                                it.build(),
                                it.gone(),
                                usually(latest.getOrDefault(it.build().builder(), List.of()))))
                .toList();
    }

    private static @Nullable Duration usually(List<Build> latest) {
        List<Duration> took = new ArrayList<>();
        for (Build build : latest) {
            Instant end = build.finishedAt();
            if (isGood(build) && end != null) {
                took.add(Duration.between(build.claimedAt(), end));
            }
        }
        return took.isEmpty() ? null : took.stream().sorted().toList().get(took.size() / 2);
    }

    /** How many requests are claimed. */
    public long runningCount() {
        return jdbc.sql(RUNNING_COUNT).query(Long.class).single();
    }

    /** How many requests of each builder are claimed; a builder without any is left out. */
    public Map<String, Long> runningOf() {
        Map<String, Long> running = new HashMap<>();
        jdbc.sql(RUNNING_OF)
                .query(row -> {
                    running.put(row.getString("builder"), row.getLong("builds"));
                });
        return running;
    }

    /** What waits for each builder, by who waits for the longest. */
    public List<Waiting> waiting() {
        return jdbc.sql(WAITING).query((row, _) -> waiting(row)).list();
    }

    /** The names of all for which something waits, without counting what does. */
    public Set<String> waitingNames() {
        return jdbc.sql(WAITING_NAMES).query(String.class).set();
    }

    /** What waits for one builder; empty if that is nothing. */
    public Optional<Waiting> waiting(String builder) {
        return jdbc.sql(WAITING_FOR)
                .param("builder", builder)
                .query((row, _) -> waiting(row))
                .optional();
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(
                row.getString("builder"),
                row.getLong("requests"),
                UtcColumn.read(row, "oldest"),
                row.getLong("first_request"));
    }

    /** The last {@link #LATEST} builds of some builders, by builder, the newest first. */
    public Map<String, List<Build>> latest(Collection<String> builders) {
        List<String> names = List.copyOf(builders);
        Map<String, List<Build>> latest = new HashMap<>();
        for (int from = 0; from < names.size(); from += AT_ONCE) {
            latestOf(names.subList(from, Math.min(from + AT_ONCE, names.size())), latest);
        }
        return latest;
    }

    private void latestOf(List<String> names, Map<String, List<Build>> latest) {
        StatementSpec query =
                jdbc.sql(
                        IntStream.range(0, names.size())
                                .mapToObj(BuilderStandings::latestOf)
                                .collect(Collectors.joining(" UNION ALL ")));
        for (int i = 0; i < names.size(); i++) {
            query.param("builder" + i, names.get(i));
        }
        query.query((row, _) -> Views.build(row))
                .list()
                .forEach(build ->
                        latest.computeIfAbsent(build.builder(), _ -> new ArrayList<>()).add(build));
    }

    /** Of the builder that is the parameter of this number. */
    private static String latestOf(int parameter) {
        return """
        (SELECT builder, build_number, request_id, attempt, master, epoch, worker, state, results, summary,
                claimed_at, started_at, finished_at
           FROM build_view
          WHERE builder = :builder%d
          ORDER BY build_number DESC
          LIMIT %d)
        """
                .formatted(parameter, LATEST);
    }
}
