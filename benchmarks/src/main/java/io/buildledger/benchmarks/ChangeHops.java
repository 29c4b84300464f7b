package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long each hop of changes took, by the log's own times, which are those of the inserts: a
 * commit comes a little later.
 *
 * @param toRequestMillis from the change to the request that a scheduler submitted for it; median
 * @param toClaimMillis from the request to its claim; median
 */
record ChangeHops(double toRequestMillis, double toClaimMillis) {

    private record Recorded(String type, String stream, String payload, double millis) {}

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String EVENTS =
            """
            SELECT type, stream, payload,
                   TIMESTAMPDIFF(MICROSECOND, '2026-01-01', recorded_at) / 1e3 AS millis
              FROM event
             WHERE type IN ('change-received', 'buildset-submitted', 'build-request-claimed')
            """;

    static ChangeHops of(Database database, List<ChangeLoad.Sent> changes) {
        Map<String, Double> times = new HashMap<>();
        List<Recorded> buildsets = new ArrayList<>();
        try (Observer observer = new Observer(database)) {
            for (Recorded recorded : observer.jdbc().sql(EVENTS).query(Recorded.class).list()) {
                if (recorded.type().equals("buildset-submitted")) {
                    buildsets.add(recorded);
                } else {
                    times.put(recorded.stream(), recorded.millis());
                }
            }
        }
        long first = changes.getFirst().changeId();
        List<Double> toRequest = new ArrayList<>();
        List<Double> toClaim = new ArrayList<>();
        for (Recorded buildset : buildsets) {
            JsonNode payload = JSON.readTree(buildset.payload());
            for (JsonNode change : payload.path("changeIds")) {
                Double received = times.get("change/" + change.asLong());
                if (received != null && change.asLong() >= first) {
                    toRequest.add(buildset.millis() - received);
                    for (JsonNode request : payload.path("requestIds")) {
                        Double claimed = times.get("build-request/" + request.asLong());
                        if (claimed != null) {
                            toClaim.add(claimed - buildset.millis());
                        }
                    }
                }
            }
        }
        return new ChangeHops(Percentiles.of(toRequest).median(), Percentiles.of(toClaim).median());
    }
}
