package io.buildledger.testing;

import io.buildledger.domain.scheduling.Decision;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.domain.scheduling.SchedulerInput;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SchedulerState;
import io.buildledger.domain.scheduling.TriggerableScheduler;
import io.buildledger.log.Entry;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scheduler whose owner acts upon what it is asked when the test says so. */
public final class TestScheduler {

    private final TestLog test;
    private final Scheduler scheduler;
    private SchedulerState state = SchedulerState.INITIAL;
    private long next;
    private long read = -1;

    public TestScheduler(TestLog test, Scheduler scheduler) {
        this.test = test;
        this.scheduler = scheduler;
        decide(null, new SchedulerInput.Configured("digest", "{}", TestStory.NOON));
    }

    /** One that can be triggered. */
    public static TestScheduler triggerable(TestLog test, String name, String... builders) {
        return new TestScheduler(
                test, new TriggerableScheduler(SchedulerSettings.of(name, builders)));
    }

    /** Acts upon what it has been asked since the last time; returns how much that was. */
    public int act() {
        List<Recorded> commands =
                test.log.readAfter(Streams.schedulerCommand(scheduler.name()), read);
        for (Recorded command : commands) {
            read = command.sequence();
            decide(
                    command.id(),
                    new SchedulerInput.Commanded(
                            (SchedulerCommandEvent) command.event(), TestStory.NOON));
        }
        return commands.size();
    }

    public void disable() {
        decide(
                null,
                new SchedulerInput.Commanded(
                        new SchedulerSwitched(scheduler.name(), false, "ann", ""), TestStory.NOON));
    }

    private void decide(@Nullable String cause, SchedulerInput input) {
        Decision decision = scheduler.decide(state, input);
        test.log.inTransaction(() -> {
            for (SchedulerEvent event : decision.events()) {
                Entry entry = new Entry(Streams.scheduler(scheduler.name()), next++, event);
                test.log.append(TestStory.SCHEDULER, cause, List.of(entry));
                if (event instanceof SchedulerFired fired) {
                    test.buildsets.submit(
                            TestStory.SCHEDULER,
                            entry.id(),
                            decision.orderOf(fired),
                            TestStory.NOON);
                }
                state = state.evolve(event);
            }
        });
    }
}
