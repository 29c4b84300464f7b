package io.buildledger.scheduler.cancelling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.auditing.RequestAudit;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestScheduler;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/** Request 1 is of a build that asks scheduler tests for builds on two builders. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnawaitedBuildsTest {

    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    private final TestLog test = new TestLog();
    private final BranchStory story = new BranchStory(test);
    private final TestStory builds = new TestStory(test);
    private final Author s1 = story.master("s1", "scheduler");
    private final Author s2 = story.master("s2", "scheduler");
    private final Author b1 = story.master("b1", "builder");
    private final Author b2 = story.master("b2", "builder");
    private final GroupCommit commit = new GroupCommit(test.log, b1);
    private final TestScheduler tests = TestScheduler.triggerable(test, "tests", "linux", "docs");
    private Cancellers cancellers =
            new Cancellers(List.of(), test.log, test.dataSource, test.commands, s1);

    @BeforeEach
    void start() {
        cancellers.start();
    }

    @AfterEach
    void close() {
        cancellers.stop();
        commit.close();
        assertThat(story.violations()).isEmpty();
        test.close();
    }

    /** A build that is in its first step. */
    private Won parent() {
        story.build("main", "all");
        return begin(b1);
    }

    private Won begin(Author master) {
        Won won = builds.claim(master, "all");
        builds.start(master, won);
        builds.startStep(master, won, 1, "trigger");
        return won;
    }

    private void ask(Won parent, boolean waitedFor) throws InterruptedException {
        ask(commit, parent, waitedFor);
    }

    private void ask(GroupCommit through, Won parent, boolean waitedFor)
            throws InterruptedException {
        String builder = parent.claim().builder();
        long number = parent.claim().buildNumber();
        long place = test.log.lastSequence(Streams.build(builder, number)).orElseThrow() + 1;
        assertThat(
                        new BuildTriggers(test.log, through)
                                .ask(
                                        new BuildTriggered(
                                                "tests",
                                                List.of(),
                                                Map.of(),
                                                waitedFor,
                                                new ParentBuild(builder, number, "Triggered from"),
                                                null,
                                                null),
                                        1,
                                        place))
                .isPresent();
    }

    private void awaitCancelled(Long... requests) {
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() ->
                        assertThat(
                                        test.jdbc
                                                .sql(
                                                        """
                                                        SELECT CAST(SUBSTRING_INDEX(stream, '/', -1) AS UNSIGNED) AS request
                                                          FROM event WHERE type = 'build-request-cancelled'
                                                         ORDER BY request
                                                        """)
                                                .query(Long.class)
                                                .list())
                                .containsExactly(requests));
    }

    private void awaitThatAllIsRead() {
        long head = test.count("SELECT MAX(global_index) FROM event");
        await().atMost(LONG_ENOUGH).until(() -> cancellers.unawaitedReadUpTo().orElse(-1) >= head);
    }

    private Recorded last(long requestId) {
        return test.log.read(Streams.buildRequest(requestId)).getLast();
    }

    @Test
    void builds_that_a_cancelled_build_waits_for_end_with_it_wherever_they_are() throws Exception {
        Won parent = parent();
        ask(parent, true);
        tests.act();
        Won linux = builds.claim(b2, "linux");
        builds.start(b2, linux);
        awaitThatAllIsRead();

        test.commands.cancel(s1, 1, "ann", "wrong branch");

        awaitCancelled(1L, 2L, 3L);
        assertThat(last(3).event())
                .isEqualTo(
                        new BuildRequestCancelled(
                                3,
                                "build all/1",
                                "the build that waits for this was cancelled by ann: wrong branch"));
        assertThat(last(3).metadata())
                .containsEntry("cause", test.log.read("build-request/1").getLast().id())
                .containsEntry("master", "s1");
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
    }

    @Test
    void the_audit_tells_the_parent_of_its_children_and_the_children_of_their_parent()
            throws Exception {
        ask(parent(), true);
        RequestAudit audits = new RequestAudit(test.log);
        assertThat(details(audits, 1, "scheduler asked by step 1"))
                .isEqualTo(
                        "tests, for builds that the step waits for: no master has come to it yet");
        tests.act();

        assertThat(details(audits, 1, "scheduler asked by step 1"))
                .isEqualTo(
                        "tests, for builds that the step waits for: buildset 2, request 2, request 3");
        assertThat(details(audits, 3, "buildset submitted"))
                .startsWith(
                        "buildset 2 by scheduler tests, firing 1 (Triggered from build all/1, which waits for it)");
    }

    private static String details(RequestAudit audits, long request, String what) {
        return audits.of(request).orElseThrow().entries().stream()
                .filter(it -> it.what().equals(what))
                .map(AuditEntry::details)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void what_has_ended_keeps_its_result_and_what_nobody_waits_for_goes_on() throws Exception {
        Won parent = parent();
        ask(parent, true);
        ask(parent, false);
        tests.act();
        builds.build(b2, "linux", Results.FAILURE);

        test.commands.cancel(s1, 1, "ann", "");

        awaitCancelled(1L, 3L);
        awaitThatAllIsRead();
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM build_request_queue WHERE request_id IN (4, 5)"))
                .isEqualTo(2);
    }

    @Test
    void a_build_that_has_ended_by_itself_takes_nothing_with_it() throws Exception {
        Won parent = parent();
        ask(parent, true);
        tests.act();
        awaitThatAllIsRead();
        builds.build(b2, "linux", Results.SUCCESS);
        builds.finishStep(b1, parent, 1, 1, Results.FAILURE);
        builds.complete(b1, parent, Results.FAILURE, "trigger");

        awaitThatAllIsRead();

        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue WHERE request_id = 3"))
                .isEqualTo(1);
    }

    @Test
    void
            builds_of_a_former_attempt_end_also_if_the_scheduler_decides_later_and_the_next_has_its_own()
                    throws Exception {
        Won lost = parent();
        ask(lost, true);
        tests.act();
        ask(lost, true);
        awaitThatAllIsRead();
        test.claims.releaseAllOf(b1, b1, "master b1 stopped");
        awaitCancelled(2L, 3L);
        assertThat(last(2).event())
                .isEqualTo(
                        new BuildRequestCancelled(
                                2,
                                "build all/1",
                                "the build that waits for this was released: master b1 stopped"));

        Won next = begin(b2);
        try (GroupCommit ofNext = new GroupCommit(test.log, b2)) {
            ask(ofNext, next, true);
        }
        tests.act();

        awaitCancelled(2L, 3L, 4L, 5L);
        assertThat(last(5).event())
                .isEqualTo(
                        new BuildRequestCancelled(
                                5, "build all/1", "the build that was to wait for this had ended"));
        awaitThatAllIsRead();
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM build_request_queue WHERE request_id IN (6, 7)"))
                .isEqualTo(2);
    }

    @Test
    void builds_that_have_begun_when_the_step_gives_up_are_ended() throws Exception {
        Won parent = parent();
        ask(parent, true);
        ask(parent, false);
        tests.act();
        builds.start(b2, builds.claim(b2, "linux"));
        awaitThatAllIsRead();

        builds.finishStep(b1, parent, 1, 2, Results.EXCEPTION);

        awaitCancelled(2L, 3L);
        assertThat(((BuildRequestCancelled) last(2).event()).reason())
                .startsWith("the step that waits for this has ended: ");
        awaitThatAllIsRead();
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM build_request_queue WHERE request_id IN (4, 5)"))
                .as("nobody waits for those")
                .isEqualTo(2);
    }

    @Test
    void builds_of_another_step_go_on() throws Exception {
        Won parent = parent();
        ask(parent, true);
        tests.act();
        awaitThatAllIsRead();
        builds.finishStep(b1, parent, 1, 1, Results.SUCCESS);
        builds.startStep(b1, parent, 2, "something else");
        builds.finishStep(b1, parent, 2, 2, Results.EXCEPTION);

        awaitThatAllIsRead();

        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(2);
    }

    @Test
    void builds_that_come_after_the_step_has_given_up_are_ended() throws Exception {
        Won parent = parent();
        ask(parent, true);
        builds.finishStep(b1, parent, 1, 1, Results.EXCEPTION);
        awaitThatAllIsRead();
        tests.act();

        awaitCancelled(2L, 3L);
        assertThat(((BuildRequestCancelled) last(2).event()).reason())
                .isEqualTo("the step that was to wait for this had ended");
    }

    @Test
    void builds_of_builds_end_too_and_nothing_ends_twice_when_another_master_goes_on()
            throws Exception {
        Won parent = parent();
        ask(parent, true);
        tests.act();
        Won child = builds.claim(b1, "linux");
        builds.start(b1, child);
        builds.startStep(b1, child, 1, "trigger");
        ask(child, true);
        tests.act();
        cancellers.stop();
        test.commands.cancel(s1, 1, "ann", "");
        cancellers = new Cancellers(List.of(), test.log, test.dataSource, test.commands, s2);
        cancellers.start();

        awaitCancelled(1L, 2L, 3L, 4L, 5L);
        assertThat(last(5).metadata()).containsEntry("master", "s2");
        awaitThatAllIsRead();
        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM event WHERE type = 'buildset-completed' AND stream IN ('buildset/1', 'buildset/2', 'buildset/3')"))
                .isEqualTo(3);
    }
}
