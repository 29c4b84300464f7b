package io.buildledger.commanding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.commanding.SchedulerCommands.Outcome;
import io.buildledger.commanding.TriggeredBuilds.Triggered;
import io.buildledger.domain.building.BuildEvent.SchedulerAsked;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerEvent.CommandRefused;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestScheduler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class BuildTriggersTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author S = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final GroupCommit commit = new GroupCommit(test.log, B1);
    private final BuildTriggers triggers = new BuildTriggers(test.log, commit);
    private final TriggeredBuilds triggered = new TriggeredBuilds(test.log);

    @AfterEach
    void close() {
        commit.close();
        test.close();
    }

    private static BuildTriggered command(String scheduler, long build) {
        return new BuildTriggered(
                scheduler,
                List.of(),
                // In memory a long, and read from JSON an int.
                Map.of("number", new Property(build, "Trigger")),
                true,
                new ParentBuild("all", build, "Triggered from"),
                null,
                null);
    }

    private Question ask(String scheduler, long build, long place) throws InterruptedException {
        return triggers.ask(command(scheduler, build), 2, place).orElseThrow();
    }

    private List<Object> events(String stream) {
        return test.log.read(stream).stream().map(Recorded::event).toList();
    }

    private void append(@Nullable String cause, Entry... entries) {
        test.log.inTransaction(() -> test.log.append(S, cause, List.of(entries)));
    }

    @Test
    void what_a_build_asks_is_on_the_schedulers_stream_and_on_its_own() throws Exception {
        Question question = ask("tests", 7, 0);

        assertThat(question.look()).isEmpty();
        assertThat(events(Streams.schedulerCommand("tests")))
                .singleElement()
                .isInstanceOfSatisfying(
                        BuildTriggered.class,
                        it -> assertThat(it.parent()).isEqualTo(command("tests", 7).parent()));
        assertThat(events(Streams.build("all", 7)))
                .containsExactly(
                        new SchedulerAsked(
                                "all", 7, 2, "tests", "scheduler-command/tests@0", true));
        assertThat(triggered.by("all", 7))
                .singleElement()
                .satisfies(it -> assertThat(it.outcome()).isEmpty());
    }

    @Test
    void each_question_has_its_own_answer() throws Exception {
        TestScheduler scheduler = TestScheduler.triggerable(test, "tests", "linux", "docs");
        Question first = ask("tests", 7, 0);
        Question second = ask("tests", 8, 0);
        scheduler.act();
        scheduler.disable();
        Question third = ask("tests", 7, 1);
        scheduler.act();

        assertThat(buildset(first)).isEqualTo(1);
        assertThat(buildset(second)).isEqualTo(2);
        assertThat(third.look()).contains(new Outcome.Refused("the scheduler is disabled"));
        assertThat(triggered.by("all", 7))
                .extracting(Triggered::outcome)
                .satisfiesExactly(
                        it ->
                                assertThat(it)
                                        .get()
                                        .isInstanceOfSatisfying(
                                                Outcome.Submitted.class,
                                                submitted ->
                                                        assertThat(submitted.buildset().parent())
                                                                .isEqualTo(
                                                                        new ParentBuild(
                                                                                "all",
                                                                                7,
                                                                                "Triggered from"))),
                        it ->
                                assertThat(it)
                                        .contains(
                                                new Outcome.Refused("the scheduler is disabled")));
    }

    private static long buildset(Question question) {
        return ((Outcome.Submitted) question.look().orElseThrow()).buildset().buildsetId();
    }

    @Test
    void an_answer_is_found_behind_however_many_others() throws Exception {
        Question question = ask("tests", 7, 0);
        for (int i = 0; i < 250; i++) {
            append(
                    "scheduler-command/tests@9",
                    new Entry(
                            Streams.scheduler("tests"),
                            i,
                            new CommandRefused("tests", "trigger", "no " + i)));
        }
        assertThat(question.look()).isEmpty();
        append(
                "scheduler-command/tests@0",
                new Entry(
                        Streams.scheduler("tests"),
                        250,
                        new CommandRefused("tests", "trigger", "yes")));

        assertThat(question.look()).contains(new Outcome.Refused("yes"));
        assertThat(Question.about(test.log, "scheduler-command/tests@0").look())
                .contains(new Outcome.Refused("yes"));
    }

    @Test
    void many_builds_ask_the_same_scheduler_at_once_and_each_is_heard_once() throws Exception {
        List<Callable<Question>> asking = new ArrayList<>();
        try (GroupCommit other = new GroupCommit(test.log, new Author("b2", 1));
                ExecutorService executor = Executors.newFixedThreadPool(8)) {
            BuildTriggers ofOther = new BuildTriggers(test.log, other);
            for (int i = 1; i <= 40; i++) {
                long build = i;
                BuildTriggers mine = i % 2 == 0 ? triggers : ofOther;
                asking.add(() -> mine.ask(command("tests", build), 1, 0).orElseThrow());
            }
            for (Future<Question> asked : executor.invokeAll(asking)) {
                asked.get();
            }
        }

        assertThat(events(Streams.schedulerCommand("tests")))
                .hasSize(40)
                .extracting(it -> ((BuildTriggered) it).parent())
                .doesNotHaveDuplicates();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'scheduler-asked'"))
                .isEqualTo(40);
    }

    @Test
    void a_command_whose_commit_went_unanswered_is_not_given_twice() throws Exception {
        AtomicInteger losses = new AtomicInteger(1);
        DelegatingDataSource lossy = losing(losses);
        try (EventLog log =
                        new EventLog(
                                lossy, new JdbcTransactionManager(lossy), Duration.ofMillis(20));
                GroupCommit through = new GroupCommit(log, B1)) {
            Question question =
                    new BuildTriggers(test.log, through)
                            .ask(command("tests", 7), 2, 0)
                            .orElseThrow();

            assertThat(losses).hasValue(0);
            assertThat(events(Streams.schedulerCommand("tests"))).hasSize(1);
            assertThat(events(Streams.build("all", 7))).hasSize(1);
            TestScheduler.triggerable(test, "tests", "linux").act();
            assertThat(buildset(question)).isEqualTo(1);
        }
    }

    /** Commits, and loses the connection before the answer, so often. */
    private DelegatingDataSource losing(AtomicInteger times) {
        return new DelegatingDataSource(test.dataSource) {
            @Override
            public Connection getConnection() throws SQLException {
                Connection connection = super.getConnection();
                return (Connection)
                        Proxy.newProxyInstance(
                                Connection.class.getClassLoader(),
                                new Class<?>[] {Connection.class},
                                (_, method, arguments) -> {
                                    try {
                                        Object result = method.invoke(connection, arguments);
                                        if (method.getName().equals("commit")
                                                && times.getAndUpdate(it -> Math.max(0, it - 1))
                                                        > 0) {
                                            throw new SQLNonTransientConnectionException(
                                                    "the connection was lost", "08S01");
                                        }
                                        return result;
                                    } catch (InvocationTargetException e) {
                                        throw e.getCause();
                                    }
                                });
            }
        };
    }

    @Test
    void whoever_is_not_alone_on_the_builds_stream_asks_nothing() throws Exception {
        append(null, new Entry(Streams.build("all", 7), 0, new StepStarted("all", 7, 1, "other")));

        assertThat(triggers.ask(command("tests", 7), 2, 0)).isEmpty();

        assertThat(events(Streams.schedulerCommand("tests"))).isEmpty();
    }

    @Test
    void a_scheduler_that_goes_on_under_another_name_is_followed_if_it_is_asked_again_there()
            throws Exception {
        Question question = ask("old", 7, 0);
        append(
                null,
                new Entry(Streams.scheduler("old"), 0, new SchedulerRetired("old", "new")),
                new Entry(
                        Streams.scheduler("new"),
                        0,
                        new SchedulerRenamed("new", "old", 0, null, null)));
        assertThat(Question.about(test.log, "scheduler-command/old@0").look())
                .contains(
                        new Outcome.Refused(
                                "it goes on as new, and was not asked under that name"));

        append(
                "scheduler-command/old@0",
                new Entry(Streams.schedulerCommand("new"), 0, command("new", 7)));
        assertThat(question.look()).isEmpty();
        assertThat(question.stream()).isEqualTo("scheduler/new");
        append(
                "scheduler-command/new@0",
                new Entry(Streams.scheduler("new"), 1, new CommandRefused("new", "trigger", "no")));

        assertThat(question.look()).contains(new Outcome.Refused("no"));
        assertThat(Question.about(test.log, "scheduler-command/old@0").look())
                .contains(new Outcome.Refused("no"));
    }

    @Test
    void there_is_nothing_to_ask_about_what_is_no_command() {
        assertThatThrownBy(() -> Question.about(test.log, "scheduler-command/tests@3"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("there is no command scheduler-command/tests@3");
    }
}
