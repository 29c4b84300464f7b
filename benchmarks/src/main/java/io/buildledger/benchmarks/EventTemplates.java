package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.util.HashMap;
import java.util.Map;

/**
 * What the product has written for an event of each type, for peers that write as much.
 *
 * @param rows by type
 */
record EventTemplates(Map<String, Row> rows) {

    record Row(String revision, String payload, String metadata) {}

    static final EventTemplates NONE = new EventTemplates(Map.of());

    private static final String LAST_OF_EACH_TYPE =
            """
            SELECT type, revision, payload, metadata FROM event
             WHERE global_index IN (SELECT MAX(global_index) FROM event GROUP BY type)
            """;

    static EventTemplates of(Database database) {
        Map<String, Row> rows = new HashMap<>();
        try (Observer observer = new Observer(database)) {
            observer.jdbc()
                    .sql(LAST_OF_EACH_TYPE)
                    .query(row -> {
                        rows.put(
                                row.getString("type"),
                                new Row(
                                        row.getString("revision"),
                                        row.getString("payload"),
                                        row.getString("metadata")));
                    });
        }
        return new EventTemplates(rows);
    }

    Row row(String type) {
        Row row = rows.get(type);
        if (row == null) {
            throw new RunFailedException("the product has written no event " + type);
        }
        return row;
    }
}
