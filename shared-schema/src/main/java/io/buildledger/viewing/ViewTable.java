package io.buildledger.viewing;

import static io.buildledger.viewing.ViewTable.Kind.NUMBER;
import static io.buildledger.viewing.ViewTable.Kind.TEXT;
import static io.buildledger.viewing.ViewTable.Kind.TIME;

import java.util.List;
import java.util.stream.Stream;

/** The tables that the log is projected into, with all columns that a projection writes. */
public enum ViewTable {
    CHANGES(
            "change_view",
            1,
            NUMBER.columns("change_id"),
            TEXT.columns("repository", "branch", "revision", "project", "author", "comments"),
            NUMBER.columns("file_count"),
            TEXT.columns("revlink", "source"),
            TIME.columns("received_at")),
    BUILDSETS(
            "buildset_view",
            1,
            NUMBER.columns("buildset_id"),
            TEXT.columns("scheduler", "reason", "repository", "branch", "revision", "change_ids"),
            TIME.columns("submitted_at"),
            TEXT.columns("results"),
            TIME.columns("completed_at")),
    SOURCE_STAMPS(
            "source_stamp_view",
            2,
            NUMBER.columns("buildset_id", "stamp_number"),
            TEXT.columns(
                    "codebase", "source_stamp_id", "repository", "branch", "revision", "project"),
            NUMBER.columns("has_patch")),
    REQUESTS(
            "request_view",
            1,
            NUMBER.columns("request_id", "buildset_id"),
            TEXT.columns("builder"),
            NUMBER.columns("priority"),
            TIME.columns("submitted_at"),
            TEXT.columns("state"),
            NUMBER.columns("attempt"),
            TEXT.columns("master"),
            NUMBER.columns("build_number"),
            TEXT.columns("results"),
            TIME.columns("completed_at")),
    BUILDS(
            "build_view",
            2,
            TEXT.columns("builder"),
            NUMBER.columns("build_number", "request_id", "attempt"),
            TEXT.columns("master"),
            NUMBER.columns("epoch"),
            TEXT.columns("worker", "state", "results", "summary"),
            TIME.columns("claimed_at", "started_at", "finished_at")),
    ARTIFACTS(
            "artifact_view",
            3,
            TEXT.columns("builder"),
            NUMBER.columns("build_number", "artifact", "step"),
            TEXT.columns("path"),
            NUMBER.columns("size"),
            TEXT.columns("sha256", "store", "location"),
            TIME.columns("stored_at")),
    ACTIONS(
            "action_view",
            2,
            TEXT.columns("stream"),
            NUMBER.columns("sequence_number"),
            TEXT.columns("actor"),
            TIME.columns("recorded_at")),
    CHANGE_BUILDSETS("change_buildset_view", 2, NUMBER.columns("change_id", "buildset_id"));

    /** What a column holds: a String, a Long, or an Instant to the microsecond. */
    public enum Kind {
        TEXT,
        NUMBER,
        TIME;

        private List<Column> columns(String... names) {
            return Stream.of(names).map(name -> new Column(name, this)).toList();
        }
    }

    public record Column(String name, Kind kind) {}

    private final String tableName;

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<Column> columns;

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<Column> key;

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    ViewTable(String tableName, int keyColumns, List<Column>... columns) {
        this.tableName = tableName;
        this.columns = Stream.of(columns).flatMap(List::stream).toList();
        this.key = this.columns.subList(0, keyColumns);
    }

    public String tableName() {
        return tableName;
    }

    public List<Column> columns() {
        return columns;
    }

    /** The columns of the primary key; the first of all. */
    public List<Column> key() {
        return key;
    }
}
