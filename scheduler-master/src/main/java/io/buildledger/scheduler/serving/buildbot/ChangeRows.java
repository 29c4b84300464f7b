package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.viewing.BuildInputs;
import io.buildledger.viewing.Views;
import io.buildledger.viewing.Views.Build;
import io.buildledger.viewing.Views.Change;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Changes as Buildbot's clients know them. Of what no view has the log tells. */
@Component
class ChangeRows {

    private static final String BY_CHANGE = "Change";

    private final Views views;
    private final BuildInputs inputs;
    private final EventLog log;

    ChangeRows(Views views, BuildInputs inputs, EventLog log) {
        this.views = views;
        this.inputs = inputs;
        this.log = log.toTell();
    }

    /**
     * @throws NotThereException if there is none of this number
     */
    Change require(long changeId) {
        return views.change(changeId)
                .orElseThrow(() -> new NotThereException("there is no change " + changeId));
    }

    /** The newest changes that a build is of, the oldest of them first. */
    List<Row> of(Build build) {
        return whole(
                inputs.of(build, GrowingList.MOST_FROM_LOG).changes().stream()
                        .sorted(Comparator.comparingLong(Change::changeId))
                        .toList());
    }

    /** The source of a change. */
    Optional<Row> stamp(long changeId) {
        return views.change(changeId)
                .map(it -> whole(List.of(it)).getFirst().value("sourcestamp"))
                .filter(Row.class::isInstance)
                .map(Row.class::cast);
    }

    /** What the views have of one. */
    static Row row(Change change) {
        return row(change, null);
    }

    /** All of them, also what the log alone has. */
    List<Row> whole(List<Change> changes) {
        Map<String, ChangeReceived> received = new HashMap<>();
        for (Recorded recorded :
                log.findAll(
                        changes.stream().map(it -> Streams.change(it.changeId())).toList(), 0)) {
            if (recorded.event() instanceof ChangeReceived event) {
                received.put(recorded.stream(), event);
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Change change : changes) {
            rows.add(row(change, received.get(Streams.change(change.changeId()))));
        }
        return rows;
    }

    private static Row row(Change change, @Nullable ChangeReceived received) {
        String codebase = received == null ? "" : received.codebase();
        Map<String, List<Object>> properties = new TreeMap<>();
        if (received != null) {
            received.properties()
                    .forEach((name, value) -> properties.put(name, List.of(value, BY_CHANGE)));
        }
        return new Row()
                .with("changeid", change.changeId())
                .with("author", change.author())
                .with("committer", null)
                .with("comments", received == null ? change.comments() : received.comments())
                .with("branch", change.branch())
                .with("revision", change.revision())
                .with("revlink", change.revlink())
                .with("category", received == null ? null : received.category())
                .withTime(
                        "when_timestamp", received == null ? change.receivedAt() : received.when())
                .with("files", received == null ? List.of() : received.files())
                .with("parent_changeids", List.of())
                .with("repository", change.repository())
                .with("project", change.project())
                .with("codebase", codebase)
                .with("properties", properties)
                .with("sourcestamp", stamp(change, codebase));
    }

    /** A change is the first of all that is of its source, and gives it its own number. */
    private static Row stamp(Change change, String codebase) {
        return new Row()
                .with("ssid", Numbered.ofPart(change.changeId(), 0).orElse(0))
                .with("codebase", codebase)
                .with("repository", change.repository())
                .with("project", change.project())
                .with("branch", change.branch())
                .with("revision", change.revision())
                .with("patch", null)
                .withTime("created_at", change.receivedAt());
    }
}
