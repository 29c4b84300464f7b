package io.buildledger.scheduler.serving.buildbot;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A list of things of a kind, also where it is one thing, and what is said of the list. */
record Answer(Kind kind, List<Row> rows, Map<String, Object> meta) {

    /** All of a list, of which the query chooses. */
    static Answer ofAll(Query query, List<Row> all) {
        List<Row> matching =
                all.stream().filter(query::matches).sorted(query.comparator()).toList();
        List<Row> page =
                matching.stream()
                        .skip(query.offset())
                        .limit(query.limit() == null ? Integer.MAX_VALUE : query.limit())
                        .toList();
        return of(query, page, Map.of("total", (long) matching.size()));
    }

    /**
     * @param meta {@code total} and what else is said of the list
     */
    static Answer of(Query query, List<Row> page, Map<String, Object> meta) {
        page.forEach(row -> row.only(query.fields()));
        return new Answer(query.kind(), page, meta);
    }

    static Answer ofOne(Query query, Row row) {
        return of(query, List.of(row), Map.of());
    }

    @JsonValue
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(kind.plural(), rows);
        fields.put("meta", meta);
        return fields;
    }
}
