package io.buildledger.scheduler.serving.buildbot;

import static io.buildledger.scheduler.serving.buildbot.Field.Type.BOOLEAN;
import static io.buildledger.scheduler.serving.buildbot.Field.Type.INTEGER;
import static io.buildledger.scheduler.serving.buildbot.Field.Type.LIST;
import static io.buildledger.scheduler.serving.buildbot.Field.Type.OBJECT;
import static io.buildledger.scheduler.serving.buildbot.Field.Type.TEXT;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What is told of: Buildbot's resource types, with all fields that an answer has. */
enum Kind {
    BUILDER(
            "builders",
            INTEGER.of("builderid"),
            TEXT.of("name"),
            TEXT.orNull("description", "description_format", "description_html"),
            INTEGER.orNull("projectid"),
            LIST.of("tags", "masterids")),
    BUILD(
            "builds",
            INTEGER.of(
                    "buildid",
                    "number",
                    "builderid",
                    "buildrequestid",
                    "workerid",
                    "masterid",
                    "started_at"),
            BOOLEAN.of("complete"),
            INTEGER.orNull("complete_at", "results"),
            TEXT.of("state_string"),
            OBJECT.of("properties")),
    STEP(
            "steps",
            INTEGER.of("stepid", "buildid", "number"),
            TEXT.of("name"),
            INTEGER.orNull("started_at"),
            BOOLEAN.of("complete"),
            INTEGER.orNull("complete_at", "results"),
            TEXT.of("state_string"),
            LIST.of("urls"),
            BOOLEAN.of("hidden")),
    LOG(
            "logs",
            INTEGER.of("logid", "stepid"),
            TEXT.of("name", "slug", "type"),
            BOOLEAN.of("complete"),
            INTEGER.of("num_lines")),
    LOG_CHUNK("logchunks", INTEGER.of("logid", "firstline"), TEXT.of("content")),
    BUILD_REQUEST(
            "buildrequests",
            INTEGER.of("buildrequestid", "buildsetid", "builderid", "priority"),
            BOOLEAN.of("claimed"),
            INTEGER.orNull("claimed_at", "claimed_by_masterid"),
            BOOLEAN.of("complete"),
            INTEGER.orNull("complete_at", "results"),
            INTEGER.of("submitted_at"),
            BOOLEAN.of("waited_for"),
            OBJECT.of("properties")),
    BUILDSET(
            "buildsets",
            INTEGER.of("bsid"),
            TEXT.of("reason"),
            INTEGER.of("submitted_at"),
            BOOLEAN.of("complete"),
            INTEGER.orNull("complete_at", "results"),
            TEXT.orNull("external_idstring"),
            INTEGER.orNull("parent_buildid"),
            TEXT.orNull("parent_relationship"),
            INTEGER.orNull("rebuilt_buildid"),
            LIST.of("sourcestamps")),
    SOURCE_STAMP(
            "sourcestamps",
            INTEGER.of("ssid"),
            TEXT.of("codebase", "repository", "project"),
            TEXT.orNull("branch", "revision"),
            OBJECT.orNull("patch"),
            INTEGER.of("created_at")),
    CHANGE(
            "changes",
            INTEGER.of("changeid"),
            TEXT.of("author", "comments", "repository", "project", "codebase"),
            TEXT.orNull("committer", "branch", "revision", "revlink", "category"),
            INTEGER.of("when_timestamp"),
            LIST.of("files", "parent_changeids"),
            OBJECT.of("properties", "sourcestamp")),
    WORKER(
            "workers",
            INTEGER.of("workerid"),
            TEXT.of("name"),
            LIST.of("connected_to", "configured_on"),
            BOOLEAN.of("paused"),
            TEXT.orNull("pause_reason"),
            BOOLEAN.of("graceful"),
            OBJECT.of("workerinfo")),
    MASTER(
            "masters",
            INTEGER.of("masterid"),
            TEXT.of("name"),
            BOOLEAN.of("active"),
            INTEGER.of("last_active")),
    SCHEDULER(
            "schedulers",
            INTEGER.of("schedulerid"),
            TEXT.of("name"),
            BOOLEAN.of("enabled"),
            OBJECT.orNull("master")),
    FORCE_SCHEDULER(
            "forceschedulers",
            TEXT.of("name", "label", "button_name"),
            BOOLEAN.of("enabled"),
            LIST.of("builder_names", "all_fields")),
    /** One object, whose fields are the names of what is set. */
    PROPERTIES("properties"),
    ROOT_LINK("rootlinks", TEXT.of("name"));

    private final String plural;

    @SuppressWarnings("ImmutableEnumChecker") // a list that can't be changed
    private final List<Field> fields;

    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    Kind(String plural, List<Field>... fields) {
        this.plural = plural;
        this.fields = Stream.of(fields).flatMap(List::stream).toList();
    }

    /** Under which name an answer has them. */
    String plural() {
        return plural;
    }

    List<Field> fields() {
        return fields;
    }

    Optional<Field> field(String name) {
        return fields.stream().filter(it -> it.name().equals(name)).findFirst();
    }

    /** Fields that no view has, by which nothing is found in a list that grows. */
    Set<String> inLogAlone() {
        return switch (this) {
            case BUILD -> Set.of("properties");
            case BUILD_REQUEST -> Set.of("waited_for", "properties");
            case BUILDSET ->
                    Set.of(
                            "external_idstring",
                            "parent_buildid",
                            "parent_relationship",
                            "rebuilt_buildid",
                            "sourcestamps");
            case CHANGE -> Set.of("codebase", "category", "files", "properties", "sourcestamp");
            default -> Set.of();
        };
    }

    /** Whether {@code property} chooses properties of it. */
    boolean hasProperties() {
        return this == BUILD || this == BUILD_REQUEST;
    }
}
