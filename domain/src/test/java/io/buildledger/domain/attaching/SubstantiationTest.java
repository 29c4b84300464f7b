package io.buildledger.domain.attaching;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.attaching.Substantiation.Holder;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.domain.attaching.WorkerEvent.WorkerAttached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerDetached;
import io.buildledger.domain.attaching.WorkerEvent.WorkerEnding;
import io.buildledger.domain.attaching.WorkerEvent.WorkerOff;
import io.buildledger.domain.attaching.WorkerEvent.WorkerPaused;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStarting;
import io.buildledger.domain.attaching.WorkerEvent.WorkerStopRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SubstantiationTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration START = Duration.ofMinutes(20);
    private static final Limits LIMITS = new Limits(Duration.ofMinutes(10), START);

    private static final Map<String, WorkerEvent> EVENTS =
            Map.of(
                    "starting", new WorkerStarting("w", "b1", 1),
                    "attached", new WorkerAttached("w", "b1", 1, "3.7.0", "posix", List.of()),
                    "detached", new WorkerDetached("w", "b1", 1, "gone"),
                    "paused", new WorkerPaused("w", "new disk", "ann"),
                    "stop", new WorkerStopRequested("w", "move", "ann"),
                    "ending", new WorkerEnding("w", "b1", 1, "idle"),
                    "off", new WorkerOff("w", "b1", 1));

    /** Everything at noon. */
    private static WorkerState after(@Nullable String events) {
        WorkerState state = WorkerState.NEW;
        if (events != null) {
            for (String name : events.split(" ", -1)) {
                state = WorkerState.evolve(state, Objects.requireNonNull(EVENTS.get(name)), NOON);
            }
        }
        return state;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # events                          | holder | away | quiet | decided
                                                      | NOBODY | 1200 | 1200 | NOTHING
                    attached detached                 | NOBODY | 1200 | 1200 | NOTHING
                    starting                          | THIS   | 1199 | 1200 | NOTHING
                    starting                          | THIS   | 1200 | 0    | GIVE_UP
                    starting stop                     | THIS   | 0    | 0    | GIVE_UP
                    starting paused                   | THIS   | 0    | 0    | NOTHING
                    starting                          | LIVING | 1200 | 1200 | NOTHING
                    starting attached                 | LIVING | 1200 | 1200 | NOTHING
                    # It may come back, to this master or another.
                    starting attached detached        | NOBODY | 1199 | 1200 | NOTHING
                    starting attached detached        | NOBODY | 1200 | 0    | TAKE_DOWN
                    starting attached detached paused | NOBODY | 1200 | 0    | TAKE_DOWN
                    # Its master was killed.
                    starting                          | NOBODY | 1200 | 1199 | NOTHING
                    starting                          | NOBODY | 0    | 1200 | TAKE_DOWN
                    starting attached                 | NOBODY | 1200 | 1199 | NOTHING
                    starting attached                 | NOBODY | 0    | 1200 | TAKE_DOWN
                    starting attached ending          | NOBODY | 0    | 1200 | TAKE_DOWN
                    # What should take it down came to nothing.
                    starting attached ending          | THIS   | 0    | 0    | TAKE_DOWN
                    starting attached ending detached off | NOBODY | 1200 | 1200 | NOTHING
                    """)
    void one_that_is_not_here_is_taken_down_if_it_stays_away(
            @Nullable String events, Holder holder, int away, int quiet, Substantiation decided) {
        assertThat(
                        Substantiation.away(
                                after(events),
                                holder,
                                Duration.ofSeconds(quiet),
                                LIMITS,
                                NOON.plusSeconds(away)))
                .isEqualTo(decided);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    # wait | busy  | built | idle
                    PT10M  | false | true  | PT9M59S | starting attached        | NOTHING
                    PT10M  | false | true  | PT10M   | starting attached        | STOP
                    PT10M  | true  | true  | PT10M   | starting attached        | NOTHING
                    PT10M  | false | false | PT10M   | starting attached        | STOP
                    PT10M  | false | true  | PT10M   | starting attached paused | STOP
                    PT10M  | false | true  | PT10M   | starting attached stop   | NOTHING
                    PT10M  | false | true  | PT10M   | attached                 | STOP
                    PT0S   | false | true  | PT0S    | starting attached        | STOP
                    PT0S   | true  | true  | PT0S    | starting attached        | NOTHING
                    # It has just come, and has not got what it was started for.
                    PT0S   | false | false | PT0S    | starting attached        | NOTHING
                    PT30S  | false | false | PT59S   | starting attached        | NOTHING
                    PT30S  | false | false | PT1M    | starting attached        | STOP
                    PT30S  | false | true  | PT30S   | starting attached        | STOP
                    """)
    void one_that_is_here_ends_when_it_is_idle(
            Duration buildWait,
            boolean isBusy,
            boolean hasBuilt,
            Duration idle,
            String events,
            Substantiation decided) {
        assertThat(
                        Substantiation.here(
                                after(events),
                                isBusy,
                                hasBuilt,
                                idle,
                                new Limits(buildWait, START)))
                .isEqualTo(decided);
    }
}
