package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sees claims as soon as they are committed, as any other connection would. */
final class ClaimWatch implements AutoCloseable {

    private record Claimed(long index, String stream) {}

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration LOOKS_EVERY = Duration.ofMillis(2);

    /**
     * Who takes a number early may commit late, so the last few are looked at again; more than all
     * masters append while one of their transactions is open.
     */
    private static final int LOOKED_AT_AGAIN = 100;

    private static final String NEW_CLAIMS =
            """
            SELECT global_index, stream
              FROM event
             WHERE global_index > :after AND type = 'build-request-claimed'
            """;

    private static final String LAST_INDEX = "SELECT COALESCE(MAX(global_index), 0) FROM event";

    private static final String BUILDSETS =
            "SELECT payload FROM event WHERE type = 'buildset-submitted'";

    private final Observer claims;
    private final Observer buildsets;
    private final Map<String, Long> seen = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private @Nullable Thread thread;

    ClaimWatch(Database database) {
        this.claims = new Observer(database);
        this.buildsets = new Observer(database);
    }

    void start() {
        long last = claims.jdbc().sql(LAST_INDEX).query(Long.class).single();
        thread = Thread.ofPlatform().name("watch-claims").daemon().start(() -> watch(last));
    }

    private void watch(long from) {
        long last = from;
        try {
            while (!closed) {
                List<Claimed> found =
                        claims.jdbc()
                                .sql(NEW_CLAIMS)
                                .param("after", Math.max(from, last - LOOKED_AT_AGAIN))
                                .query((row, _) -> new Claimed(row.getLong(1), row.getString(2)))
                                .list();
                long now = System.nanoTime();
                for (Claimed claim : found) {
                    seen.putIfAbsent(claim.stream(), now);
                    last = Math.max(last, claim.index());
                }
                Thread.sleep(LOOKS_EVERY);
            }
        } catch (InterruptedException | DataAccessException e) {
            // The benchmark is over; await() says what is missing if it is not.
        }
    }

    /**
     * Waits until each of the changes has a claimed build request.
     *
     * @return when the claim was seen, by the number of the change; without those that had none in
     *     time
     */
    Map<Long, Long> await(List<ChangeLoad.Sent> changes, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Map<Long, Long> claimed = claimedByChange();
            boolean isComplete =
                    changes.stream().allMatch(change -> claimed.containsKey(change.changeId()));
            if (isComplete || System.nanoTime() > deadline) {
                return claimed;
            }
            Thread.sleep(500);
        }
    }

    /** When the claim of a build request was seen, by its stream. */
    Map<String, Long> seen() {
        return Map.copyOf(seen);
    }

    private Map<Long, Long> claimedByChange() {
        Map<Long, Long> claimed = new HashMap<>();
        for (String payload : buildsets.jdbc().sql(BUILDSETS).query(String.class).list()) {
            JsonNode buildset = JSON.readTree(payload);
            for (JsonNode request : buildset.path("requestIds")) {
                Long at = seen.get("build-request/" + request.asLong());
                if (at != null) {
                    buildset.path("changeIds").forEach(change -> claimed.put(change.asLong(), at));
                }
            }
        }
        return claimed;
    }

    @Override
    public void close() {
        closed = true;
        if (thread != null) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        claims.close();
        buildsets.close();
    }
}
