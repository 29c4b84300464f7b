package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.acting.Actor;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.log.EventContractTest.Pinned;
import io.buildledger.testing.TestLog;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every command has its actor: each kind of event is either here, as what somebody has done, or
 * there, as what masters do by themselves. A new kind fails until somebody has decided.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ActorOfEventsTest {

    private static final Set<String> DONE_BY_SOMEBODY =
            Set.of(
                    "change-received",
                    "scheduler-switched",
                    "build-forced",
                    "build-triggered",
                    "patch-submitted",
                    "scheduler-enabled",
                    "scheduler-disabled",
                    "build-request-cancelled",
                    "build-request-priority-changed",
                    "worker-paused",
                    "worker-unpaused",
                    "worker-stop-requested",
                    "master-drained",
                    "master-undrained",
                    "configuration-reload-requested",
                    "configuration-reloaded",
                    "configuration-reload-refused");

    /** By somebody where they have the field, and else by masters. */
    private static final Set<String> DONE_BY_EITHER =
            Set.of("build-request-released", "buildset-submitted");

    private static final Set<String> DONE_BY_MASTERS =
            Set.of(
                    "repository-polled",
                    "scheduler-configured",
                    "scheduler-renamed",
                    "scheduler-retired",
                    "change-taken",
                    "timer-armed",
                    "timer-dropped",
                    "firing-skipped",
                    "scheduler-fired",
                    "trigger-kept",
                    "upstream-kept",
                    "command-refused",
                    "timer-fired",
                    "buildset-completed",
                    "build-requested",
                    "build-request-claimed",
                    "build-started",
                    "build-request-completed",
                    "build-request-collapsed",
                    "build-request-expired",
                    "build-request-given-up",
                    "step-started",
                    "command-started",
                    "property-set",
                    "artifact-stored",
                    "scheduler-asked",
                    "step-finished",
                    "build-dropped",
                    "worker-attached",
                    "worker-detached",
                    "worker-contested",
                    "worker-stopped",
                    "worker-quarantined",
                    "worker-recovered",
                    "worker-missing",
                    "worker-starting",
                    "worker-start-failed",
                    "worker-ending",
                    "worker-off",
                    "lock-requested",
                    "lock-granted",
                    "lock-released",
                    "master-started",
                    "builders-described",
                    "master-stopped",
                    "master-lost");

    /** What such a field is called. */
    private static final Set<String> FIELDS =
            Set.of("requestedBy", "by", "changedBy", "cancelledBy", "author");

    static Stream<Pinned> pinned() {
        return EventContractTest.pinned();
    }

    @Test
    void each_kind_of_event_is_of_somebody_or_of_masters() {
        Set<String> all = new TreeSet<>();
        EventNames.all().forEach(it -> all.add(EventNames.nameOf(it).orElseThrow()));

        assertThat(
                        Stream.of(DONE_BY_SOMEBODY, DONE_BY_EITHER, DONE_BY_MASTERS)
                                .flatMap(Set::stream))
                .containsExactlyInAnyOrderElementsOf(all);
    }

    @ParameterizedTest
    @MethodSource("pinned")
    void an_event_has_an_actor_where_somebody_did_it(Pinned pinned) {
        if (DONE_BY_SOMEBODY.contains(pinned.name())) {
            assertThat(Actor.of(pinned.event())).get().asString().isNotBlank();
        }
        if (DONE_BY_MASTERS.contains(pinned.name())) {
            assertThat(Actor.of(pinned.event())).isEmpty();
        }
    }

    static Stream<Pinned> thatNameSomebody() {
        return pinned().filter(it -> field(it.event()).isPresent());
    }

    private static Optional<RecordComponent> field(Object event) {
        return Arrays.stream(event.getClass().getRecordComponents())
                .filter(it -> FIELDS.contains(it.getName()))
                .findFirst();
    }

    @ParameterizedTest
    @MethodSource("thatNameSomebody")
    void an_event_that_names_somebody_has_them_as_its_actor(Pinned pinned) throws Exception {
        Object name = field(pinned.event()).orElseThrow().getAccessor().invoke(pinned.event());

        assertThat(Actor.of(pinned.event()).orElse(null)).isEqualTo(name);
    }

    @ParameterizedTest
    @MethodSource("pinned")
    void no_command_is_without_an_actor(Pinned pinned) {
        if (pinned.event() instanceof SchedulerCommandEvent) {
            assertThat(Actor.of(pinned.event())).isPresent();
        }
    }

    @Test
    void both_kinds_of_what_either_does_are_pinned() {
        for (String name : DONE_BY_EITHER) {
            assertThat(
                            pinned().filter(it -> it.name().equals(name))
                                    .map(it -> Actor.of(it.event()).isPresent()))
                    .contains(true);
        }
    }

    @Test
    void the_view_for_people_has_the_same_actors() {
        try (TestLog test = new TestLog()) {
            List<Entry> entries = entries();
            test.log.inTransaction(() -> test.log.append(new Author("b1", 3), "a/b@7", entries));

            List<Map<String, Object>> rows =
                    test.jdbc
                            .sql(
                                    "SELECT type, actor, master, epoch, cause FROM audit_events ORDER BY global_index")
                            .query()
                            .listOfRows();

            assertThat(rows).hasSameSizeAs(entries);
            for (int i = 0; i < rows.size(); i++) {
                Map<String, Object> row = rows.get(i);
                assertThat(row.get("actor"))
                        .as("%s", row)
                        .isEqualTo(Actor.of(entries.get(i).event()).orElse(null));
                assertThat(row)
                        .containsEntry("master", "b1")
                        .containsEntry("epoch", 3L)
                        .containsEntry("cause", "a/b@7");
            }
        }
    }

    private static List<Entry> entries() {
        AtomicInteger sequence = new AtomicInteger();
        return EventContractTest.events()
                .map(event -> new Entry("any/1", sequence.getAndIncrement(), event))
                .toList();
    }
}
