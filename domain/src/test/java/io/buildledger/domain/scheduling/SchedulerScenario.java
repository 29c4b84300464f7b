package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.FiringSkipped;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.domain.scheduling.SchedulerInput.BuildsetEnded;
import io.buildledger.domain.scheduling.SchedulerInput.ChangeArrived;
import io.buildledger.domain.scheduling.SchedulerInput.Commanded;
import io.buildledger.domain.scheduling.SchedulerInput.Configured;
import io.buildledger.domain.scheduling.SchedulerInput.TimerElapsed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a scheduler, told in words such as {@code i1@0 u2:stable@6 off@8 on@20 until@99},
 * and what comes of it, such as {@code B[1,2]@15}: a buildset of the changes 1 and 2 at second 15.
 *
 * <ul>
 *   <li>{@code i1@0}: an important change 1 of branch main at second 0; {@code u1@0} an unimportant
 *       one. {@code i1:stable} is of branch stable, {@code i1:null} of none; {@code
 *       i1:main,codebase=lib,repository=r,project=p,category=c,NAME=VALUE} has more, of which NAME
 *       is a property. Its revision is {@code r1}.
 *   <li>{@code off@8}, {@code on@8}: somebody disables or enables the scheduler
 *   <li>{@code down@8}, {@code up@20}: no master is up in between. What happens is in the log with
 *       its time, and timers elapse when one is up again.
 *   <li>{@code restart@8}: the configuration is read again and is the same
 *   <li>{@code until@99}: time passes
 * </ul>
 *
 * <p>A time is a number of seconds, or {@code 1+03:00} for a time of the day after the first.
 * Timers elapse by themselves. With every input the promises are checked that hold for each
 * scheduler: what is decided once is decided again, what was recorded gives the state, a change is
 * in one firing at most, and numbers ascend.
 */
final class SchedulerScenario {

    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final Pattern WORD =
            Pattern.compile(
                    "(?<what>[a-z]+)(?<id>[0-9]*)(:(?<more>[^@]+))?@(?<when>[0-9]+(\\+[0-9:]+)?)");
    private static final String IMPORTANT_FILE = "src/Main.java";
    private static final String UNIMPORTANT_FILE = "docs/index.md";

    /** What came in, after so many events. */
    private record Step(Scheduler scheduler, SchedulerInput input, int after) {}

    private final List<Step> steps = new ArrayList<>();
    private final List<String> outcome = new ArrayList<>();
    private final List<BuildsetOrder> orders = new ArrayList<>();
    private final List<SchedulerEvent> history = new ArrayList<>();
    private final Set<Long> taken = new HashSet<>();
    private final Set<Long> scheduled = new HashSet<>();
    private Scheduler scheduler;
    private SchedulerState state = SchedulerState.INITIAL;
    private String digest = "1";
    private Instant now;
    private boolean up = true;
    private long nextBuildset = 7;
    private boolean tellsSkips;
    private boolean tellsDays;

    private SchedulerScenario(Scheduler scheduler, Instant start) {
        this.scheduler = scheduler;
        this.now = start;
        when(new Configured(digest, "{}", start));
    }

    /** The scheduler is in the configuration from second 0 on. */
    static SchedulerScenario given(Scheduler scheduler) {
        return new SchedulerScenario(scheduler, START);
    }

    /** As {@link #given}, at another time. */
    static SchedulerScenario givenAt(String start, Scheduler scheduler) {
        return new SchedulerScenario(scheduler, Instant.parse(start));
    }

    /** The outcome has {@code -@15} for a moment that was skipped. */
    SchedulerScenario tellingSkips() {
        tellsSkips = true;
        return this;
    }

    /** The outcome has days and times of the day, as {@code 1+03:00}. */
    SchedulerScenario tellingDays() {
        tellsDays = true;
        return this;
    }

    SchedulerScenario when(String words) {
        for (String word : words.strip().split("\\s+", -1)) {
            Matcher matcher = WORD.matcher(word);
            assertThat(matcher.matches()).as(word).isTrue();
            Instant at = instant(matcher.group("when"));
            switch (matcher.group("what")) {
                case "i", "u" -> {
                    boolean important = word.startsWith("i");
                    long id = Long.parseLong(matcher.group("id"));
                    at(at, new ChangeArrived(change(id, important, matcher.group("more")), at));
                }
                case "on", "off" -> {
                    boolean enabled = word.startsWith("on");
                    commanded(
                            at, new SchedulerSwitched(scheduler.name(), enabled, "me", "because"));
                }
                case "down" -> {
                    pass(at);
                    up = false;
                }
                case "up" -> {
                    pass(at);
                    up = true;
                    pass(at);
                }
                case "restart" -> at(at, new Configured(digest, "{}", at));
                case "until" -> pass(at);
                default -> throw new IllegalArgumentException(word);
            }
        }
        return this;
    }

    /** From that second on another configuration is in force. */
    SchedulerScenario reconfigured(long second, Scheduler other) {
        Instant at = START.plusSeconds(second);
        pass(at);
        scheduler = other;
        digest += "'";
        when(new Configured(digest, "{}", at));
        return this;
    }

    /** From that second on the scheduler has another name, and that configuration. */
    SchedulerScenario renamed(long second, Scheduler other) {
        Instant at = START.plusSeconds(second);
        pass(at);
        SchedulerState old = state;
        evolve(new SchedulerRetired(scheduler.name(), other.name()));
        assertThat(scheduler.decide(state, new Configured("new", "{}", at)).events())
                .as("what goes on under another name decides nothing")
                .isEmpty();
        Scheduler.takeOver(
                        other.name(), SchedulerState.INITIAL, old, scheduler.name(), history.size())
                .forEach(this::evolve);
        scheduler = other;
        when(new Configured(digest, "{}", at));
        return this;
    }

    SchedulerScenario commanded(long second, SchedulerCommandEvent command) {
        return commanded(START.plusSeconds(second), command);
    }

    private SchedulerScenario commanded(Instant at, SchedulerCommandEvent command) {
        return at(at, new Commanded(command, at));
    }

    /** A buildset of another scheduler, of that blamelist, has ended. */
    SchedulerScenario ended(long second, String upstream, Results results, Long... changeIds) {
        Instant at = START.plusSeconds(second);
        BuildsetSubmitted buildset = buildset(nextBuildset++, upstream, List.of(changeIds), null);
        return at(at, new BuildsetEnded(buildset, results, at));
    }

    /** A rebuild of a buildset of another scheduler has ended. */
    SchedulerScenario rebuilt(long second, String upstream, Results results, Long... changeIds) {
        Instant at = START.plusSeconds(second);
        RebuiltFrom former = new RebuiltFrom(1, null, null, "ann");
        BuildsetSubmitted buildset = buildset(nextBuildset++, upstream, List.of(changeIds), former);
        return at(at, new BuildsetEnded(buildset, results, at));
    }

    private static BuildsetSubmitted buildset(
            long id, String scheduler, List<Long> changeIds, @Nullable RebuiltFrom rebuiltFrom) {
        return new BuildsetSubmitted(
                id,
                scheduler,
                1,
                "because",
                List.of(new SourceStamp("repo", "main", "abc", "project", "")),
                changeIds,
                Map.of(),
                Map.of("linux", 1L),
                START,
                false,
                null,
                null,
                rebuiltFrom);
    }

    /** That change has come, at its own time. */
    SchedulerScenario changed(ChangeReceived change) {
        return at(change.when(), new ChangeArrived(change, change.when()));
    }

    SchedulerScenario until(Instant then) {
        pass(then);
        return this;
    }

    private SchedulerScenario at(Instant at, SchedulerInput input) {
        pass(at);
        when(input);
        pass(at);
        return this;
    }

    /** Time passes until then, and what elapses meanwhile does. */
    private void pass(Instant then) {
        while (up) {
            TimerArmed next =
                    state.timers().values().stream()
                            .min(
                                    Comparator.comparing(TimerArmed::fireAt)
                                            .thenComparingLong(TimerArmed::timer))
                            .filter(it -> !it.fireAt().isAfter(then))
                            .orElse(null);
            if (next == null) {
                break;
            }
            now = next.fireAt().isAfter(now) ? next.fireAt() : now;
            when(new TimerElapsed(next.timer(), now));
            assertThat(state.timers())
                    .as("an elapsed timer is ended")
                    .doesNotContainKey(next.timer());
        }
        now = then;
    }

    private void when(SchedulerInput input) {
        now = input.at();
        steps.add(new Step(scheduler, input, history.size()));
        Decision decision = scheduler.decide(state, input);
        assertThat(scheduler.decide(state, input)).as("decided again").isEqualTo(decision);
        List<Long> firings = new ArrayList<>();
        for (SchedulerEvent event : decision.events()) {
            assertThat(event.scheduler()).isEqualTo(scheduler.name());
            check(event);
            evolve(event);
            if (event instanceof SchedulerFired fired) {
                firings.add(fired.firing());
                fired(fired, decision.orderOf(fired));
            } else if (event instanceof FiringSkipped && tellsSkips) {
                outcome.add("-@" + written(now));
            } else if (event instanceof CommandRefused refused) {
                outcome.add("refused %s@%s".formatted(refused.command(), written(now)));
            }
        }
        assertThat(decision.orders())
                .extracting(BuildsetOrder::firing)
                .as("one order for each firing")
                .isEqualTo(firings);
    }

    private void check(SchedulerEvent event) {
        switch (event) {
            case SchedulerFired fired -> {
                assertThat(fired.firing()).isEqualTo(state.firings() + 1);
                assertThat(state.enabled()).as("what is disabled does not fire").isTrue();
                assertThat(state.pending().keySet()).containsAll(fired.changeIds());
                for (Long id : fired.changeIds()) {
                    assertThat(scheduled.add(id)).as("change %d fires once", id).isTrue();
                }
            }
            case TimerArmed armed -> assertThat(armed.timer()).isEqualTo(state.timersArmed() + 1);
            case ChangeTaken change -> assertThat(taken.add(change.changeId())).isTrue();
            case SchedulerEvent _ -> {}
        }
    }

    private void fired(SchedulerFired fired, BuildsetOrder order) {
        assertThat(order.scheduler()).isEqualTo(scheduler.name());
        assertThat(order.builderNames()).isNotEmpty();
        if (!fired.changeIds().isEmpty()) {
            assertThat(order.changeIds()).isEqualTo(fired.changeIds());
        }
        orders.add(order);
        outcome.add(
                "B[%s]@%s"
                        .formatted(
                                String.join(
                                        ",",
                                        order.changeIds().stream().map(String::valueOf).toList()),
                                written(now)));
    }

    private void evolve(SchedulerEvent event) {
        history.add(event);
        state = state.evolve(event);
    }

    /** What has come of it so far. */
    String outcome() {
        assertThat(replayed()).as("the state of the recorded events").isEqualTo(state);
        return String.join(" ", outcome);
    }

    /** Decides again on all that came in, upon what the recorded events give. */
    private SchedulerState replayed() {
        SchedulerState replayed = SchedulerState.INITIAL;
        int decided = 0;
        for (Step step : steps) {
            replayed = evolved(replayed, history.subList(decided, step.after()));
            Decision decision = step.scheduler().decide(replayed, step.input());
            decided = step.after() + decision.events().size();
            assertThat(decision.events()).isEqualTo(history.subList(step.after(), decided));
            replayed = evolved(replayed, decision.events());
        }
        return evolved(replayed, history.subList(decided, history.size()));
    }

    private static SchedulerState evolved(SchedulerState state, List<SchedulerEvent> events) {
        SchedulerState evolved = state;
        for (SchedulerEvent event : events) {
            evolved = evolved.evolve(event);
        }
        return evolved;
    }

    /** The changes that were taken, and are neither pending nor in a firing. */
    Set<Long> lost() {
        Set<Long> lost = new HashSet<>(taken);
        lost.removeAll(scheduled);
        lost.removeAll(state.pending().keySet());
        return lost;
    }

    List<BuildsetOrder> orders() {
        return orders;
    }

    BuildsetOrder lastOrder() {
        return orders.getLast();
    }

    SchedulerState state() {
        return state;
    }

    List<SchedulerEvent> history() {
        return history;
    }

    private static Instant instant(String when) {
        String[] parts = when.split("\\+", -1);
        if (parts.length == 1) {
            return START.plusSeconds(Long.parseLong(when));
        }
        String[] time = parts[1].split(":", -1);
        return START.plus(Duration.ofDays(Long.parseLong(parts[0])))
                .plus(Duration.ofHours(Long.parseLong(time[0])))
                .plus(Duration.ofMinutes(Long.parseLong(time[1])));
    }

    private String written(Instant instant) {
        Duration since = Duration.between(START, instant);
        return tellsDays
                ? "%d+%02d:%02d"
                        .formatted(since.toDays(), since.toHoursPart(), since.toMinutesPart())
                : String.valueOf(since.toSeconds());
    }

    static ChangeReceived change(long id, boolean important, @Nullable String more) {
        Map<String, String> fields = new TreeMap<>();
        String branch = "main";
        if (more != null) {
            String[] parts = more.split(",", -1);
            branch = parts[0];
            for (int i = 1; i < parts.length; i++) {
                String[] field = parts[i].split("=", -1);
                fields.put(field[0], field[1]);
            }
        }
        String repository = fields.remove("repository");
        String project = fields.remove("project");
        String codebase = fields.remove("codebase");
        String category = fields.remove("category");
        return new ChangeReceived(
                id,
                repository == null ? "repo" : repository,
                branch.equals("null") ? null : branch,
                "r" + id,
                project == null ? "" : project,
                codebase == null ? "" : codebase,
                category,
                "me",
                "",
                List.of(important ? IMPORTANT_FILE : UNIMPORTANT_FILE),
                null,
                START,
                fields,
                "base");
    }
}
