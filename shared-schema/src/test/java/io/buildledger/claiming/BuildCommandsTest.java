package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.RequestCommands.BuildAnswer;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.Race;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildCommandsTest {

    private static final Author PEOPLE = TestStory.SCHEDULER;
    private static final int ROUNDS = 60;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author b1 = register("b1");
    private final Author b2 = register("b2");

    @AfterEach
    void close() {
        test.close();
    }

    private Author register(String name) {
        return registry.register(TestMasters.builder(name));
    }

    private void fire() {
        story.fire(List.of(story.change("a", "abc", "x")), "abc", "linux");
    }

    /** The build of a new request has begun. */
    private Won running(Author master) {
        fire();
        Won won = story.claim(master, "linux");
        story.start(master, won);
        return won;
    }

    private BuildAnswer stop(long build) {
        return test.commands.stop(PEOPLE, "linux", build, "ann", "it hangs");
    }

    private BuildAnswer retry(long build) {
        return test.commands.retry(PEOPLE, "linux", build, "ann", "it hangs");
    }

    private List<Object> eventsOf(String stream) {
        return test.log.read(stream).stream().map(Recorded::event).toList();
    }

    private Object lastOf(long request) {
        return eventsOf(Streams.buildRequest(request)).getLast();
    }

    private long events(String type) {
        return test.count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    private void assertHealthy() throws InterruptedException {
        assertThat(Verification.of(test.database).violations())
                .extracting(Violation::what)
                .isEmpty();
    }

    @Test
    void a_build_that_runs_is_stopped_and_its_request_ends_with_it() throws Exception {
        Won won = running(b1);

        assertThat(stop(1)).isEqualTo(new BuildAnswer.Done(1));

        assertThat(lastOf(1))
                .isEqualTo(
                        new BuildRequestCancelled(1, "ann", "build linux/1 was stopped: it hangs"));
        assertThat(eventsOf(Streams.buildset(1)).getLast())
                .isEqualTo(new BuildsetCompleted(1, Results.CANCELLED));
        assertThat(test.claims.nextPlace(1, won.nextSequence() + 1)).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertHealthy();
    }

    @Test
    void a_build_that_was_claimed_and_has_not_begun_is_stopped_too() throws Exception {
        fire();
        story.claim(b1, "linux");

        assertThat(stop(1)).isEqualTo(new BuildAnswer.Done(1));

        assertHealthy();
    }

    @Test
    void a_build_that_is_stopped_for_no_reason_says_at_least_which_it_was() {
        running(b1);

        test.commands.stop(PEOPLE, "linux", 1, "ann", "");

        assertThat(lastOf(1))
                .isEqualTo(new BuildRequestCancelled(1, "ann", "build linux/1 was stopped"));
    }

    @Test
    void what_has_ended_or_never_was_is_answered_and_not_written() {
        fire();
        story.build(b1, "linux", Results.FAILURE);
        running(b1);
        stop(2);
        story.project();
        long before = test.count("SELECT COUNT(*) FROM event");

        assertThat(List.of(stop(1), retry(1)))
                .containsOnly(new BuildAnswer.Over(Results.FAILURE, "test"));
        assertThat(List.of(stop(2), retry(2)))
                .containsOnly(
                        new BuildAnswer.Over(
                                Results.CANCELLED,
                                "cancelled by ann: build linux/2 was stopped: it hangs"));
        assertThat(List.of(stop(3), retry(3))).containsOnly(new BuildAnswer.Unknown());
        assertThat(test.commands.stop(PEOPLE, "docs", 1, "ann", ""))
                .isEqualTo(new BuildAnswer.Unknown());

        assertThat(test.count("SELECT COUNT(*) FROM event")).isEqualTo(before);
    }

    @Test
    void a_later_build_of_the_same_request_is_left_alone() throws Exception {
        running(b1);
        retry(1);
        Won second = story.claim(b2, "linux");
        story.start(b2, second);
        story.project();

        BuildAnswer released =
                new BuildAnswer.Over(Results.RETRY, "retry asked for by ann: it hangs");
        assertThat(stop(1)).isEqualTo(released);
        assertThat(retry(1)).isEqualTo(released);

        assertThat(second.claim().buildNumber()).isEqualTo(2);
        story.complete(b2, second, Results.SUCCESS, "ok");
        assertThat(lastOf(1)).isEqualTo(new BuildRequestCompleted(1, 2, Results.SUCCESS, "ok"));
        assertHealthy();
    }

    @Test
    void a_retry_puts_the_request_back_where_it_was_and_names_who_asked() throws Exception {
        running(b1);
        fire();

        assertThat(retry(1)).isEqualTo(new BuildAnswer.Done(1));

        assertThat(lastOf(1)).isEqualTo(new BuildRequestReleased(1, 1, "s", "it hangs", "ann"));
        Won again = story.claim(b2, "linux");
        assertThat(again.claim().requestId()).isEqualTo(1);
        assertThat(again.claim().attempt()).isEqualTo(2);
        assertHealthy();
    }

    @Test
    void a_retry_is_not_refused_after_the_last_attempt_and_what_follows_is_the_last()
            throws Exception {
        fire();
        for (int attempt = 1; attempt <= 2; attempt++) {
            story.claim(b1, "linux");
            test.claims.releaseAllOf(b1, b1, "no disk");
        }
        assertThat(story.claim(b1, "linux").claim().attempt()).isEqualTo(3);

        assertThat(retry(3)).isEqualTo(new BuildAnswer.Done(1));

        assertHealthy();
        assertThat(story.claim(b1, "linux").claim().attempt()).isEqualTo(4);
        assertHealthy();
        test.claims.releaseAllOf(b1, b1, "no disk");
        assertThat(lastOf(1)).isEqualTo(new BuildRequestGivenUp(1, 4, "no disk"));
        assertHealthy();
    }

    private List<Won> manyRunning() {
        List<Won> running = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            running.add(running(b1));
        }
        return running;
    }

    private boolean completes(Won won) {
        try {
            story.complete(b1, won, Results.SUCCESS, "ok");
            return true;
        } catch (ConflictException e) {
            return false;
        }
    }

    @Test
    void of_a_stop_and_a_completion_at_the_same_moment_one_ends_the_build() throws Exception {
        List<Won> running = manyRunning();

        Race<BuildAnswer, Boolean> race =
                Race.of(
                        ROUNDS,
                        i -> stop(running.get(i).claim().buildNumber()),
                        i -> outlastingDeadlocks(running.get(i)));

        long stopped = race.left().stream().filter(BuildAnswer.Done.class::isInstance).count();
        assertThat(events("build-request-cancelled")).isEqualTo(stopped);
        assertThat(events("build-request-completed")).isEqualTo(ROUNDS - stopped);
        assertThat(race.right().stream().filter(it -> it).count()).isEqualTo(ROUNDS - stopped);
        assertThat(events("buildset-completed")).isEqualTo(ROUNDS);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertHealthy();
    }

    @Test
    void of_a_retry_and_a_completion_at_the_same_moment_one_ends_the_claim() throws Exception {
        List<Won> running = manyRunning();

        Race<BuildAnswer, Boolean> race =
                Race.of(
                        ROUNDS,
                        i -> retry(running.get(i).claim().buildNumber()),
                        i -> outlastingDeadlocks(running.get(i)));

        long retried = race.left().stream().filter(BuildAnswer.Done.class::isInstance).count();
        assertThat(events("build-request-released")).isEqualTo(retried);
        assertThat(events("build-request-completed")).isEqualTo(ROUNDS - retried);
        assertThat(race.right().stream().filter(it -> it).count()).isEqualTo(ROUNDS - retried);
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(retried);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertHealthy();
    }

    /** As masters write: who was chosen to go on looks again. */
    private boolean outlastingDeadlocks(Won won) {
        return Races.outlast(() -> completes(won));
    }

    @Test
    void of_a_retry_and_a_release_of_a_lost_master_at_the_same_moment_one_ends_the_claim()
            throws Exception {
        List<Author> lives = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            lives.add(register("b1"));
            running(lives.getLast());
        }
        // The last one is over, too.
        register("b1");

        Race<BuildAnswer, Integer> race =
                Race.of(
                        ROUNDS,
                        i -> retry(i + 1L),
                        i -> test.claims.releaseAllOf(b2, lives.get(i), "master b1 is gone"));

        long retried = race.left().stream().filter(BuildAnswer.Done.class::isInstance).count();
        long released = race.right().stream().mapToInt(it -> it).sum();
        assertThat(retried + released).isEqualTo(ROUNDS);
        assertThat(events("build-request-released")).isEqualTo(ROUNDS);
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(ROUNDS);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertHealthy();
    }
}
