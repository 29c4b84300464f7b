package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.log.Author;
import io.buildledger.log.Ownership;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.fetching.Git;
import io.buildledger.testing.GitRepository;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Which master polls, and when. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@ExtendWith(OutputCaptureExtension.class)
class PollingTest {

    private static final Duration INTERVAL = Duration.ofMinutes(1);

    @TempDir Path directory;

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private GitRepository repository;

    @BeforeEach
    void createRepository() throws Exception {
        repository = GitRepository.create(directory.resolve("repo"), "main");
        repository.commit("first", "a.txt");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Author begin(String name) {
        return registry.register(TestMasters.scheduler(name));
    }

    private Polling polling(Author master, String url, String keys) {
        GitPoller poller = Configured.gitPoller(url, "poll_interval: 1m, " + keys);
        return new Polling(
                url,
                "git-poller/test",
                new GitPollerLoop(
                        poller,
                        new Git(
                                directory.resolve("clone-" + master.master()),
                                new RepositoryAddress(url)),
                        test.log,
                        Configured.intake(test, master),
                        () -> Instant.EPOCH),
                poller.pollAtLaunch(),
                poller.pollInterval(),
                new PollPace(poller, new Random(1)),
                new Ownership(test.log, test.dataSource, master),
                new ReentrantLock(),
                new PollSlots(4));
    }

    private Polling polling(Author master) {
        return polling(master, repository.url(), "branches: [main]");
    }

    private long changes() {
        return test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
    }

    private long polls() {
        return test.count("SELECT COUNT(*) FROM event WHERE type = 'repository-polled'");
    }

    @Test
    void of_two_masters_one_polls_and_the_other_takes_over_when_its_life_ends() throws Exception {
        Author s1 = begin("s1");
        Polling first = polling(s1);
        Polling second = polling(begin("s2"));
        assertThat(first.runOnce()).isEqualTo(INTERVAL);
        assertThat(second.runOnce()).isLessThan(INTERVAL);
        assertThat(first.isOwned()).isTrue();
        assertThat(second.isOwned()).isFalse();
        assertThat(second.owner()).isEqualTo("s1");
        repository.commit("second", "b.txt");
        second.runOnce();
        assertThat(polls()).isEqualTo(1);
        registry.stop(s1);

        second.runOnce();
        assertThat(second.isOwned()).isTrue();
        assertThat(changes()).isEqualTo(1);
    }

    @Test
    void a_master_whose_life_is_over_polls_no_more() throws Exception {
        Polling former = polling(begin("s1"));
        former.runOnce();
        Polling next = polling(begin("s1"));
        next.runOnce();
        repository.commit("second", "b.txt");

        former.runOnce();
        assertThat(former.isOwned()).isFalse();
        assertThat(changes()).isZero();
        next.runOnce();
        assertThat(changes()).isEqualTo(1);
    }

    @Test
    void a_poller_that_does_not_poll_at_launch_begins_one_interval_later() throws Exception {
        Polling polling =
                polling(begin("s1"), repository.url(), "branches: [main], poll_at_launch: false");

        assertThat(polling.runOnce()).isEqualTo(INTERVAL);
        assertThat(polls()).isZero();
        assertThat(polling.isOwned()).isTrue();
        polling.runOnce();
        assertThat(polls()).isEqualTo(1);
    }

    @Test
    void whoever_takes_over_polls_at_once() throws Exception {
        Author s1 = begin("s1");
        String keys = "branches: [main], poll_at_launch: false";
        polling(s1, repository.url(), keys).runOnce();
        Polling second = polling(begin("s2"), repository.url(), keys);
        second.runOnce();
        registry.stop(s1);

        second.runOnce();
        assertThat(polls()).isEqualTo(1);
    }

    @Test
    void a_repository_that_fails_is_looked_at_ever_less_often_until_it_works(CapturedOutput output)
            throws Exception {
        Path later = directory.resolve("later");
        Polling polling = polling(begin("s1"), later.toUri().toString(), "branches: [main]");
        polling.runOnce();
        Duration third = INTERVAL;
        for (int i = 0; i < 2; i++) {
            third = polling.runOnce();
        }
        assertThat(third).isGreaterThan(INTERVAL.multipliedBy(3));
        assertThat(output.getOut().split("can't poll", -1)).hasSize(2);
        GitRepository.create(later, "main").commit("first", "a.txt");

        assertThat(polling.runOnce()).isEqualTo(INTERVAL);
    }
}
