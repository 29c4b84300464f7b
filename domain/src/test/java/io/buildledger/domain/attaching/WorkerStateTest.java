package io.buildledger.domain.attaching;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.attaching.WorkerCommand.End;
import io.buildledger.domain.attaching.WorkerCommand.Ended;
import io.buildledger.domain.attaching.WorkerCommand.Failed;
import io.buildledger.domain.attaching.WorkerCommand.Missed;
import io.buildledger.domain.attaching.WorkerCommand.Pause;
import io.buildledger.domain.attaching.WorkerCommand.Recovered;
import io.buildledger.domain.attaching.WorkerCommand.RequestStop;
import io.buildledger.domain.attaching.WorkerCommand.Start;
import io.buildledger.domain.attaching.WorkerCommand.StartFailed;
import io.buildledger.domain.attaching.WorkerCommand.Stopped;
import io.buildledger.domain.attaching.WorkerCommand.Unpause;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerContested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerMissing;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerQuarantined;
import io.buildledger.domain.attaching.WorkerEvent.WorkerRecovered;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStartFailed;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopped;
import io.buildledger.domain.attaching.WorkerEvent.WorkerUnpaused;
import io.buildledger.domain.attaching.WorkerState.Attached;
import io.buildledger.domain.attaching.WorkerState.Gone;
import io.buildledger.domain.attaching.WorkerState.Machine;
import io.buildledger.domain.attaching.WorkerState.Machine.Phase;
import io.buildledger.domain.attaching.WorkerState.Quarantine;
import io.buildledger.domain.attaching.WorkerState.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class WorkerStateTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Instant END = NOON.plusSeconds(10);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofHours(1));

    /** All of them, but for those about other masters. */
    private static final Map<String, WorkerEvent> EVENTS =
            Map.ofEntries(
                    Map.entry(
                            "attached",
                            new WorkerAttached("w", "b1", 1, "3.7.0", "posix", List.of())),
                    Map.entry(
                            "elsewhere",
                            new WorkerAttached("w", "b2", 4, "3.7.0", "posix", List.of())),
                    Map.entry("detached", new WorkerDetached("w", "b1", 1, "gone")),
                    Map.entry("contested", new WorkerContested("w", "b1", 1, "b2")),
                    Map.entry("paused", new WorkerPaused("w", "new disk", "ann")),
                    Map.entry("unpaused", new WorkerUnpaused("w", "", "joe")),
                    Map.entry("stop", new WorkerStopRequested("w", "move", "ann")),
                    Map.entry("stopped", new WorkerStopped("w", "b1", 1)),
                    Map.entry("quarantined", new WorkerQuarantined("w", "b1", 1, 3, END, "lost")),
                    Map.entry("recovered", new WorkerRecovered("w", "b1", 1)),
                    Map.entry("missing", new WorkerMissing("w", "b1", 1, 3_600_000)),
                    Map.entry("starting", new WorkerStarting("w", "b1", 1)),
                    Map.entry("failed", new WorkerStartFailed("w", "b1", 1, "no engine")),
                    Map.entry("ending", new WorkerEnding("w", "b1", 1, "idle")),
                    Map.entry("off", new WorkerOff("w", "b1", 1)));

    private static WorkerState after(@Nullable String events) {
        WorkerState state = WorkerState.NEW;
        for (WorkerEvent event : events(events)) {
            state = WorkerState.evolve(state, event, NOON);
        }
        return state;
    }

    private static List<WorkerEvent> events(@Nullable String names) {
        return names == null
                ? List.of()
                : Arrays.stream(names.split(" ")).map(name -> EVENTS.get(name)).toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                                   | true
                    attached                       | true
                    attached contested             | true
                    attached paused                | false
                    paused attached                | false
                    attached paused detached elsewhere | false
                    attached paused unpaused       | true
                    attached stop                  | false
                    attached stop unpaused         | true
                    attached stop detached elsewhere | false
                    attached stop stopped          | true
                    attached stop stopped detached attached | true
                    attached paused stop stopped   | false
                    quarantined                    | false
                    quarantined attached elsewhere | false
                    quarantined recovered          | true
                    quarantined unpaused           | true
                    paused recovered               | false
                    missing                        | true
                    starting attached              | true
                    starting attached ending       | false
                    starting attached ending off   | true
                    """)
    void what_people_and_failures_say_holds_wherever_it_attaches(
            @Nullable String events, boolean mayBuild) {
        assertThat(after(events).mayBuild(NOON)).isEqualTo(mayBuild);
    }

    @Test
    void a_latent_worker_whose_connection_broke_may_come_back_before_it_is_started_anew() {
        WorkerState gone = after("starting attached detached");

        assertThat(gone.mayStart(NOON.plusSeconds(29))).isFalse();
        assertThat(gone.mayStart(NOON.plusSeconds(30))).isTrue();
        assertThat(after("starting attached detached ending off").mayStart(NOON)).isTrue();
        assertThat(after("attached detached").mayStart(NOON)).isTrue();
    }

    @Test
    void a_quarantine_ends_by_itself() {
        assertThat(after("quarantined").mayBuild(END.minusMillis(1))).isFalse();
        assertThat(after("quarantined").mayBuild(END)).isTrue();
        assertThat(after("quarantined paused").mayBuild(END)).isFalse();
    }

    @Test
    void it_is_there_until_it_is_detached() {
        Attached attached = new Attached("b1", 1, "3.7.0", "posix", NOON, false);

        assertThat(after("attached paused").presence()).isEqualTo(attached);
        assertThat(after("attached").isAttachedTo("b1", 1)).isTrue();
        assertThat(after("attached").isAttachedTo("b1", 2)).isFalse();
        assertThat(after("attached elsewhere").isAttachedTo("b1", 1)).isFalse();
        assertThat(after("attached detached").presence()).isEqualTo(new Gone(attached, NOON));
        assertThat(after("detached")).isEqualTo(WorkerState.NEW);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    attached                           | false
                    attached stop                      | false
                    attached stop detached             | false
                    attached stop stopped              | true
                    attached stop stopped detached     | true
                    attached stop stopped detached elsewhere | false
                    """)
    void it_is_stopped_from_its_answer_until_it_comes_back(String events, boolean isStopped) {
        assertThat(after(events).isStopped()).isEqualTo(isStopped);
    }

    @Test
    void it_is_missing_until_it_comes_back() {
        assertThat(after("missing").missingSince()).isEqualTo(NOON);
        assertThat(after("attached missing detached").missingSince()).isEqualTo(NOON);
        assertThat(after("attached detached missing elsewhere").missingSince()).isNull();
    }

    @Test
    void the_last_wish_counts_with_who_and_why() {
        assertThat(after("paused stop").pause()).isEqualTo(new Wish("ann", "new disk", NOON));
        assertThat(after("paused stop").stop()).isEqualTo(new Wish("ann", "move", NOON));
        assertThat(after("quarantined").quarantine()).isEqualTo(new Quarantine(END, "lost"));
        assertThat(after("paused stop quarantined unpaused")).isEqualTo(WorkerState.NEW);
    }

    private static final Map<String, WorkerCommand> COMMANDS =
            Map.ofEntries(
                    Map.entry("pause", new Pause("w", "new disk", "ann")),
                    Map.entry("unpause", new Unpause("w", "", "joe")),
                    Map.entry("stop", new RequestStop("w", "move", "ann")),
                    Map.entry("stopped", new Stopped("w", "b1", 1)),
                    Map.entry("recovered", new Recovered("w", "b1", 1)),
                    Map.entry("missed", new Missed("w", "b1", 1, Duration.ofHours(1))),
                    Map.entry("start", new Start("w", "b1", 1, false, NOON)),
                    Map.entry("start held", new Start("w", "b1", 1, true, NOON)),
                    Map.entry("end", new End("w", "b1", 1, "idle", false)),
                    Map.entry("end held", new End("w", "b1", 1, "idle", true)),
                    Map.entry("ended", new Ended("w", "b1", 1)));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                              | pause     | paused
                    paused                    | pause     |
                    stop                      | pause     | paused
                    paused unpaused           | pause     | paused
                                              | unpause   |
                    paused                    | unpause   | unpaused
                    stop                      | unpause   | unpaused
                    quarantined               | unpause   | unpaused
                    quarantined unpaused      | unpause   |
                    attached                  | stop      | stop
                    attached stop             | stop      |
                    attached stop             | stopped   | stopped
                    attached stop detached    | stopped   |
                    attached elsewhere        | stopped   |
                                              | recovered |
                    quarantined               | recovered | recovered
                    quarantined recovered     | recovered |
                                              | missed    | missing
                    missing                   | missed    |
                    attached detached         | missed    | missing
                    attached detached missing attached detached | missed | missing
                    attached stop stopped detached | missed |
                    attached paused detached  | missed    | missing
                                              | start     | starting
                                              | start held |
                    paused                    | start     |
                    quarantined               | start     |
                    quarantined unpaused      | start     | starting
                    attached stop detached    | start     | starting
                    attached stop stopped detached | start | starting
                                              | end       |
                    attached                  | end       | ending
                    elsewhere                 | end       |
                    starting attached         | end       | ending
                    starting attached         | end held  |
                    starting attached detached | end      | ending
                    starting attached detached ending off | end |
                    ending                    | ended     | off
                    starting                  | ended     |
                    ending off                | ended     |
                    """)
    void a_command_is_an_event_unless_it_is_so_already(
            @Nullable String events, String command, @Nullable String decided) {
        assertThat(WorkerState.decide(after(events), Objects.requireNonNull(COMMANDS.get(command))))
                .isEqualTo(events(decided));
    }

    private static List<WorkerEvent> startFailed(WorkerState state, Backoff backoff) {
        return WorkerState.decide(state, new StartFailed("w", "b1", 1, "no engine", backoff, NOON));
    }

    @Test
    void a_start_that_fails_is_a_failure_as_others_are() {
        WorkerStartFailed failed = new WorkerStartFailed("w", "b1", 1, "no engine");

        assertThat(startFailed(after("starting"), BACKOFF))
                .containsExactly(failed, new WorkerQuarantined("w", "b1", 1, 1, END, "no engine"));
        assertThat(startFailed(after("quarantined starting"), BACKOFF))
                .containsExactly(
                        failed,
                        new WorkerQuarantined("w", "b1", 1, 4, NOON.plusSeconds(80), "no engine"));
        assertThat(startFailed(after("starting"), new Backoff(Duration.ZERO, Duration.ZERO)))
                .containsExactly(failed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attached", "starting attached", "starting failed", "ending"})
    void a_start_that_is_over_can_t_fail(String events) {
        assertThat(startFailed(after(events), BACKOFF)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                                             |
                    attached                 |
                    starting                 | STARTING
                    starting attached        | UP
                    starting elsewhere       | UP
                    starting attached detached | UP
                    starting attached ending | ENDING
                    starting attached ending detached attached | ENDING
                    starting attached ending detached off |
                    starting failed          |
                    """)
    void what_runs_a_latent_worker_is_there_from_its_start_to_its_end(
            @Nullable String events, @Nullable Phase phase) {
        Machine machine = after(events).machine();

        assertThat(machine == null ? null : machine.phase()).isEqualTo(phase);
    }

    private static List<WorkerEvent> failed(WorkerState state, Instant now, Backoff backoff) {
        return WorkerState.decide(state, new Failed("w", "b1", 1, "lost", backoff, now));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 1, PT10S",
        "quarantined, 4, PT80S",
        "quarantined recovered, 1, PT10S",
        "quarantined unpaused, 1, PT10S",
        "quarantined elsewhere, 4, PT80S"
    })
    void each_failure_in_a_row_has_a_longer_quarantine(
            String events, int failures, Duration backoff) {
        WorkerState state = after(events.isEmpty() ? null : events);

        assertThat(failed(state, END, BACKOFF))
                .containsExactly(
                        new WorkerQuarantined("w", "b1", 1, failures, END.plus(backoff), "lost"));
    }

    @Test
    void builds_that_fail_together_are_one_failure() {
        assertThat(failed(after("quarantined"), END.minusSeconds(1), BACKOFF)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"quarantined", "attached"})
    void without_a_backoff_there_is_no_quarantine(String events) {
        assertThat(failed(after(events), END, new Backoff(Duration.ZERO, Duration.ofHours(1))))
                .isEmpty();
    }

    @Test
    void every_event_is_tried_here() {
        assertThat(EVENTS.values().stream().map(Object::getClass).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(WorkerEvent.class.getPermittedSubclasses());
    }
}
