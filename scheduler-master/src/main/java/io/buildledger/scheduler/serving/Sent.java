package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.serving.SentField.Flag;
import io.buildledger.scheduler.serving.SentField.Json;
import io.buildledger.scheduler.serving.SentField.Line;
import io.buildledger.scheduler.serving.SentField.Text;
import io.buildledger.scheduler.serving.SentField.Texts;
import io.buildledger.scheduler.serving.SentField.Whole;
import java.util.List;
import java.util.stream.Collectors;

/** What commands are sent with: a command reads no other fields, and is told of by these. */
public enum Sent {
    WHO(Fields.REQUESTED_BY),
    WHY(Fields.REASON, Fields.REQUESTED_BY),
    DRAIN(Fields.NOW, Fields.REQUESTED_BY),
    PRIORITY(Fields.PRIORITY, Fields.REQUESTED_BY),
    TRY(
            Fields.BRANCH,
            Fields.BUILDER_NAMES,
            Fields.CODEBASE,
            Fields.COMMENT,
            Fields.EXTERNAL_ID,
            Fields.LEVEL,
            Fields.PATCH,
            Fields.PROJECT,
            Fields.PROPERTIES,
            Fields.REPOSITORY,
            Fields.REQUESTED_BY,
            Fields.REVISION,
            Fields.SUBDIR),

    WHAT_IF(Fields.CONFIGURATION, Fields.SINCE, Fields.UNTIL, Fields.WORKERS),

    /** What every form of a scheduler has. It reads them itself, and with them those of its own. */
    FORM(Fields.BUILDER_NAMES, Fields.FORM_PRIORITY, Fields.FORM_REASON, Fields.REQUESTED_BY);

    static final class Fields {
        static final Line REQUESTED_BY =
                new Line("requestedBy", 100, "who asks, where nobody logs in");
        static final Line REASON = new Line("reason", 500, "");
        static final Flag NOW =
                new Flag("now", false, "whether its builds are to end and to be built elsewhere");
        static final Whole PRIORITY =
                Whole.any("priority", true, "requests with a higher one are built first");
        static final Texts BUILDER_NAMES =
                new Texts("builder_names", "all of the scheduler if none is named");
        static final Line BRANCH = new Line("branch", 500, "");
        static final Line REVISION = new Line("revision", 500, "to which the patch is applied");
        static final Line REPOSITORY = new Line("repository", 500, "");
        static final Line PROJECT = new Line("project", 500, "");
        static final Line CODEBASE = new Line("codebase", 100, "one of the scheduler's");
        static final Line EXTERNAL_ID = new Line("externalId", 500, "");
        static final Line SUBDIR = new Line("subdir", 500, "where the patch is applied");
        static final Text COMMENT = new Text("comment", 500, false, "");
        static final Text PATCH = new Text("patch", 4 * 1024 * 1024, true, "");
        static final Whole LEVEL = new Whole("level", false, 1, 0, 100, "what patch has as -p");
        static final Json PROPERTIES = new Json("properties", "");
        static final Text CONFIGURATION =
                new Text(
                        "configuration",
                        1024 * 1024,
                        true,
                        "a configuration file's text; files and the database that it names count for nothing");
        static final Text SINCE =
                new Text(
                        "since",
                        100,
                        true,
                        "how long the time is that is looked at, such as 30d, up to its end; or when it begins");
        static final Line UNTIL =
                new Line("until", 100, "when that time ends; with the log's last event if absent");
        static final Json WORKERS =
                new Json(
                        "workers",
                        "of names, how many workers there are in the place of those whose names begin so, or else of the builder of that name");
        static final Text FORM_REASON =
                new Text("reason", 2_000, false, "needed where the scheduler says so");
        static final Whole FORM_PRIORITY = Whole.any("priority", false, "");

        private Fields() {}
    }

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<SentField> fields;

    Sent(SentField... fields) {
        this.fields = List.of(fields);
    }

    /** In the order of their names. */
    public List<SentField> fields() {
        return fields;
    }

    /** Whether there may be others. */
    public boolean isOpen() {
        return this == FORM;
    }

    String names() {
        return fields.stream().map(SentField::name).collect(Collectors.joining(", "));
    }

    boolean has(String name) {
        return fields.stream().anyMatch(it -> it.name().equals(name));
    }
}
