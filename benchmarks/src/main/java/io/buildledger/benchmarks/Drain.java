package io.buildledger.benchmarks;

import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Watches masters build what is on offer, from the moment of its making. */
final class Drain {

    /**
     * @param seconds from the first claim to the last completion, by the log
     * @param secondsToFirstClaim from the moment at which the requests were visible
     */
    record Span(double seconds, double secondsToFirstClaim) {}

    /** Of one kind, on how many streams. */
    private record Recorded(long events, long streams) {}

    private static final Duration PATIENCE_WITHOUT_PROGRESS = Duration.ofSeconds(60);

    private static final String IS_DRAINED =
            """
            SELECT NOT EXISTS (SELECT 1 FROM build_request_queue)
               AND NOT EXISTS (SELECT 1 FROM claim)
            """;

    private static final String LAST_INDEX = "SELECT MAX(global_index) FROM event";

    private static final String NOW = "SELECT UTC_TIMESTAMP(6)";

    private static final String SPAN =
            """
            SELECT TIMESTAMPDIFF(MICROSECOND, MIN(claimed), MAX(completed)) / 1e6 AS seconds,
                   TIMESTAMPDIFF(MICROSECOND, :visible, MIN(claimed)) / 1e6 AS to_first
              FROM (SELECT CASE type WHEN 'build-request-claimed' THEN recorded_at END AS claimed,
                           CASE type WHEN 'build-request-completed' THEN recorded_at END AS completed
                      FROM event
                     WHERE global_index > :from) AS times
            """;

    private static final String RECORDED =
            "SELECT COUNT(*) AS events, COUNT(DISTINCT stream) AS streams FROM event WHERE type = :type";

    private final Bench bench;
    private final JdbcClient jdbc;
    private final long from;
    private String visible;

    Drain(Bench bench, JdbcClient jdbc) {
        this.bench = bench;
        this.jdbc = jdbc;
        from = jdbc.sql(LAST_INDEX).query(Long.class).optional().orElse(0L);
        visible = jdbc.sql(NOW).query(String.class).single();
    }

    /** The requests are there for everybody to see from now on. */
    void visible() {
        visible = jdbc.sql(NOW).query(String.class).single();
    }

    /** How long it took, by what was claimed and completed since this was made. */
    Span span() {
        return jdbc.sql(SPAN)
                .param("visible", visible)
                .param("from", from)
                .query((row, _) -> new Span(row.getDouble("seconds"), row.getDouble("to_first")))
                .single();
    }

    /** Waits until nothing is on offer and nothing is claimed. */
    void await(Masters masters, int requests) throws InterruptedException {
        long began = System.nanoTime();
        long lastIndex = -1;
        long lastProgress = System.nanoTime();
        long lastTold = System.nanoTime();
        while (!jdbc.sql(IS_DRAINED).query(Boolean.class).single()) {
            masters.requireThatAllRun();
            Thread.sleep(250);
            long index = jdbc.sql(LAST_INDEX).query(Long.class).single();
            if (index != lastIndex) {
                lastIndex = index;
                lastProgress = System.nanoTime();
            }
            if (System.nanoTime() - lastProgress > PATIENCE_WITHOUT_PROGRESS.toNanos()) {
                throw new RunFailedException(
                        "nothing was recorded for %d s, and the queue is not empty"
                                .formatted(PATIENCE_WITHOUT_PROGRESS.toSeconds()));
            }
            if (System.nanoTime() - lastTold > Duration.ofSeconds(15).toNanos()) {
                lastTold = System.nanoTime();
                long left =
                        jdbc.sql("SELECT COUNT(*) FROM build_request_queue")
                                .query(Long.class)
                                .single();
                bench.tell(
                        "  %,d claimed after %d s"
                                .formatted(
                                        requests - left,
                                        Duration.ofNanos(lastTold - began).toSeconds()));
            }
        }
    }

    /** No request was left out or built twice, of all that were ever submitted. */
    void requireThatEachWasBuiltOnce(int requests) {
        for (String type :
                List.of("build-request-claimed", "build-started", "build-request-completed")) {
            Recorded recorded =
                    jdbc.sql(RECORDED)
                            .param("type", type)
                            .query((row, _) ->
                                    new Recorded(row.getLong("events"), row.getLong("streams")))
                            .single();
            if (recorded.events() != requests || recorded.streams() != requests) {
                throw new RunFailedException(
                        "%,d requests have %,d events %s, on %,d streams"
                                .formatted(requests, recorded.events(), type, recorded.streams()));
            }
        }
    }
}
