package io.buildledger.scheduler.serving.buildbot;

import com.fasterxml.jackson.annotation.JsonValue;
import io.buildledger.domain.building.Results;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of one thing, by the names of the fields. */
final class Row {

    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    Row with(String field, @Nullable Object value) {
        values.put(field, value);
        return this;
    }

    /** A time, in whole seconds since 1970. */
    Row withTime(String field, @Nullable Instant at) {
        return with(field, at == null ? null : at.getEpochSecond());
    }

    /** A result, by Buildbot's number for it. */
    Row withResults(String field, @Nullable String results) {
        return with(field, results == null ? null : number(Results.valueOf(results)));
    }

    private static long number(Results results) {
        return switch (results) {
            case SUCCESS -> 0;
            case WARNINGS -> 1;
            case FAILURE -> 2;
            case SKIPPED -> 3;
            case EXCEPTION -> 4;
            case RETRY -> 5;
            case CANCELLED -> 6;
        };
    }

    @Nullable Object value(String field) {
        return values.get(field);
    }

    long number(String field) {
        return values.get(field) instanceof Number number ? number.longValue() : 0;
    }

    /** Only these fields of it; all of them if none is named. */
    Row only(Collection<String> fields) {
        if (!fields.isEmpty()) {
            values.keySet().retainAll(fields);
        }
        return this;
    }

    @JsonValue
    Map<String, @Nullable Object> values() {
        return values;
    }
}
