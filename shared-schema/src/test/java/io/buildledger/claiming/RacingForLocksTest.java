package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Attempt;
import io.buildledger.claiming.Claims.Claimed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.locking.Lock;
import io.buildledger.domain.locking.LockDemand;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.locking.Locks.Answer.Granted;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Expired;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import io.buildledger.verifying.Verification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masters that build and end builds in every way, all after the same locks. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class RacingForLocksTest {

    private static final int REQUESTS_OF_EACH = 8;
    private static final int MASTERS = 5;
    private static final int ATTEMPTS = 1000;
    private static final List<String> BUILDERS = List.of("deploy", "migrate", "test", "lint");
    private static final Author SWEEPER = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final Locks locks = new Locks(test.log, test.dataSource);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final AtomicBoolean isLost = new AtomicBoolean();

    private final CountDownLatch hasClaimed = new CountDownLatch(1);

    /** Something was ended, for which others may wait. */
    private final Semaphore moved = new Semaphore(0);

    private static LockDemand some(String lock, int count, int of) {
        return new LockDemand(lock, false, LockMode.COUNTING, count, of, Map.of());
    }

    private static LockDemand all(String lock) {
        return new LockDemand(lock, false, LockMode.EXCLUSIVE, 1, 3, Map.of());
    }

    private static final Map<String, ClaimTerms> TERMS =
            Map.of(
                    "deploy",
                    new ClaimTerms("f00d", ATTEMPTS, OfferPolicy.IN_ORDER, List.of(all("site"))),
                    "migrate",
                    new ClaimTerms(
                            "f00d",
                            ATTEMPTS,
                            OfferPolicy.IN_ORDER,
                            List.of(some("licences", 2, 3), all("site"))),
                    "test",
                    new ClaimTerms(
                            "f00d",
                            ATTEMPTS,
                            OfferPolicy.IN_ORDER,
                            List.of(some("licences", 1, 3), LockDemand.maxBuilds("test", 2))),
                    "lint",
                    new ClaimTerms("f00d", ATTEMPTS));

    @AfterEach
    void close() {
        test.close();
    }

    private Author register(String name) {
        return registry.register(
                new Registration(name, "builder", "host", 1, Duration.ofHours(1), Map.of(), null));
    }

    private boolean isDone() {
        return test.count("SELECT COUNT(*) FROM buildset_progress") == 0;
    }

    /** One master, whose builds end as the dice fall. */
    private final class Master implements Callable<Void> {

        private final Author author;
        private final Random random;

        Master(Author author, long seed) {
            this.author = author;
            this.random = new Random(seed);
        }

        private boolean isToBeLost() {
            return author.master().equals("b0");
        }

        @Override
        public Void call() throws Exception {
            try (GroupCommit commit = new GroupCommit(test.log, author)) {
                if (isToBeLost()) {
                    beLost();
                    return null;
                }
                Set<String> waiting = new HashSet<>();
                while (!isDone()) {
                    Claimed claimed = claim(waiting);
                    List<Won> builds = claimed.won();
                    List<Attempt> known =
                            new ArrayList<>(
                                    builds.stream().map(it -> Attempt.of(it.claim())).toList());
                    for (Won build : builds) {
                        build(commit, build, known);
                        known.remove(Attempt.of(build.claim()));
                        moved.release(MASTERS);
                    }
                    // As a master does it: who waits is passed over until something has moved.
                    boolean isMore = waiting.addAll(claimed.waiting());
                    if (builds.isEmpty() && !isMore) {
                        awaitMove();
                    }
                    if (!builds.isEmpty() || !isMore) {
                        waiting.clear();
                    }
                }
            }
            return null;
        }

        private Claimed claim(Set<String> passedOver) {
            List<String> builders =
                    BUILDERS.stream().filter(builder -> !passedOver.contains(builder)).toList();
            TestWorkers workers = new TestWorkers(builders, List.of("w1", "w2", "w3"));
            return outlast(() -> test.claims.claim(author, TERMS, workers));
        }

        /** With builds that hold locks, and while others build. */
        private void beLost() throws InterruptedException {
            assertThat(claim(Set.of()).won()).isNotEmpty();
            hasClaimed.countDown();
            moved.acquire();
            test.jdbc
                    .sql(
                            "UPDATE master SET leased_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE name = 'b0'")
                    .update();
            while (test.count("SELECT COUNT(*) FROM master WHERE name = 'b0' AND state = 'live'")
                    > 0) {
                awaitMove();
            }
            // It does not know of it, and goes on.
            assertThat(claim(Set.of()).won()).isEmpty();
            isLost.set(true);
        }

        private void build(GroupCommit commit, Won won, List<Attempt> known) throws Exception {
            commit.submit(
                            Submission.of(
                                    Entry.of(
                                            won.nextSequence(),
                                            new BuildStarted(
                                                    won.claim().requestId(),
                                                    won.claim().attempt()))))
                    .get();
            if (random.nextInt(3) == 0) {
                step(won);
            }
            switch (random.nextInt(6)) {
                case 0 -> {
                    // The build came to nothing, and has told nobody.
                    List<Attempt> others = new ArrayList<>(known);
                    others.remove(Attempt.of(won.claim()));
                    outlast(() ->
                            test.claims.recover(
                                    author,
                                    others::contains,
                                    Map.of(Attempt.of(won.claim()), "failed"),
                                    "can't"));
                }
                case 1 -> {
                    outlast(() ->
                            test.commands.retry(
                                    SWEEPER,
                                    won.claim().builder(),
                                    won.claim().buildNumber(),
                                    "ann",
                                    ""));
                    drop(commit, won);
                }
                case 2 -> {
                    outlast(() ->
                            test.commands.cancel(SWEEPER, won.claim().requestId(), "ann", ""));
                    drop(commit, won);
                }
                default ->
                        commit.submit(
                                        test.claims.completion(
                                                author,
                                                won,
                                                won.nextSequence() + 1,
                                                new BuildRequestCompleted(
                                                        won.claim().requestId(),
                                                        won.claim().attempt(),
                                                        Results.SUCCESS,
                                                        "ok")))
                                .get();
            }
        }

        private void step(Won won) throws InterruptedException {
            Holder step =
                    new Holder(
                            won.claim().builder(),
                            won.claim().buildNumber(),
                            won.claim().requestId(),
                            won.claim().attempt(),
                            1);
            List<LockUse> uses =
                    List.of(
                            new LockUse("port", LockMode.EXCLUSIVE, 1, 1),
                            new LockUse("disk", LockMode.COUNTING, 1, 2));
            boolean isPatient = random.nextBoolean();
            while (!outlast(() -> locks.request(author, step, uses)).equals(new Granted())
                    && isPatient) {
                awaitMove();
            }
            outlast(() -> {
                locks.release(author, step, "the step has ended");
                return true;
            });
            moved.release(MASTERS);
        }

        private void drop(GroupCommit commit, Won won) throws Exception {
            BuildDropped dropped =
                    new BuildDropped(
                            won.claim().builder(), won.claim().buildNumber(), null, "stopped");
            commit.submit(
                            test.claims.drop(
                                    author,
                                    won,
                                    new Entry(
                                            Streams.build(dropped.builder(), dropped.buildNumber()),
                                            0,
                                            dropped)))
                    .get();
        }
    }

    /** Declares lost who has lost its lease, as every master does. */
    private final class Sweeper implements Callable<Integer> {

        @Override
        public Integer call() throws InterruptedException {
            int released = 0;
            while (!isDone() || !test.claims.holdersThatAreGone().isEmpty()) {
                for (Expired expired : registry.expired()) {
                    boolean _ = outlast(() -> registry.declareLost(SWEEPER, expired));
                }
                for (Author gone : test.claims.holdersThatAreGone()) {
                    released +=
                            outlast(() ->
                                    test.claims.releaseAllOf(SWEEPER, gone, "its master is lost"));
                }
                awaitMove();
            }
            return released;
        }
    }

    /**
     * Until something has moved; looks again in any case, for a word may go to one who did not need
     * it.
     */
    private void awaitMove() throws InterruptedException {
        if (moved.tryAcquire(20, TimeUnit.MILLISECONDS)) {
            moved.drainPermits();
        }
    }

    private static <T> T outlast(Supplier<T> work) {
        try {
            return DatabaseTrouble.outlast(work, _ -> {});
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void never_more_is_held_than_there_is_and_every_request_is_built(long seed) throws Exception {
        for (int i = 0; i < REQUESTS_OF_EACH; i++) {
            for (String builder : BUILDERS) {
                story.fire(List.of(), "abc", builder);
            }
        }
        List<Callable<?>> all = new ArrayList<>();
        for (int m = 0; m < MASTERS; m++) {
            all.add(new Master(register("b" + m), seed * 100 + m));
        }
        Sweeper sweeper = new Sweeper();
        all.add(sweeper);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> running = new ArrayList<>();
            running.add(threads.submit(all.removeFirst()));
            hasClaimed.await();
            all.forEach(it -> running.add(threads.submit(it)));
            for (Future<?> each : running) {
                each.get();
            }
        }

        assertThat(isLost).as("a master was lost midway").isTrue();
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isZero();
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket WHERE held")).isZero();
        assertThat(
                        test.count(
                                "SELECT COUNT(DISTINCT stream) FROM event WHERE type IN ('build-request-completed', 'build-request-cancelled')"))
                .isEqualTo((long) REQUESTS_OF_EACH * BUILDERS.size());
        assertThat(mostHeld("site")).isEqualTo(1);
        assertThat(mostHeld("licences")).isBetween(2, 3);
        assertThat(mostHeld("builder:test")).isBetween(1, 2);
        assertThat(mostHeld("port")).isEqualTo(1);
        assertThat(mostHeld("disk")).isBetween(1, 2);
        story.project();
        assertThat(Verification.of(test.database).violations()).isEmpty();
    }

    /** By the counts of those that held it at once, whatever the events were made by. */
    private int mostHeld(String lock) {
        Lock state = Lock.FREE;
        Map<Long, Integer> held = new HashMap<>();
        int most = 0;
        for (Recorded recorded : test.log.read(Streams.lock(lock))) {
            LockEvent event = (LockEvent) recorded.event();
            state = Lock.evolve(state, event);
            switch (event) {
                case LockGranted granted -> {
                    Lock.Ticket ticket =
                            Objects.requireNonNull(state.tickets().get(granted.ticket()));
                    held.put(granted.ticket(), ticket.asked().count());
                }
                case LockEvent.LockReleased released -> held.remove(released.ticket());
                case LockEvent.LockRequested _ -> {}
            }
            most = Math.max(most, held.values().stream().mapToInt(Integer::intValue).sum());
        }
        return most;
    }
}
