package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Attempt;
import io.buildledger.claiming.Claims.Claimed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.BuildEvent.BuildDropped;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.locking.LockDemand;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.locking.Locks.Answer;
import io.buildledger.locking.Locks.Answer.Granted;
import io.buildledger.locking.Locks.Answer.Waiting;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.GroupCommit.Submission;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuilderLocksTest {

    private static final Author PEOPLE = new Author("s", 1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Locks locks = new Locks(test.log, test.dataSource);
    private final Map<String, ClaimTerms> terms = new HashMap<>();
    private Author b1;
    private Author b2;

    @BeforeEach
    void register() {
        b1 = register("b1");
        b2 = register("b2");
    }

    private Author register(String name) {
        return registry.register(TestMasters.builder(name));
    }

    @AfterEach
    void close() throws Exception {
        story.project();
        Verdict verdict = Verification.of(test.database);
        test.close();
        assertThat(verdict.violations()).isEmpty();
    }

    private void needs(String builder, LockDemand... locks) {
        terms.put(builder, new ClaimTerms("f00d", 3, OfferPolicy.IN_ORDER, List.of(locks)));
    }

    private static LockDemand all(String lock) {
        return new LockDemand(lock, false, LockMode.EXCLUSIVE, 1, 1, Map.of());
    }

    private static LockDemand some(String lock, int count, int of) {
        return new LockDemand(lock, false, LockMode.COUNTING, count, of, Map.of());
    }

    private static LockDemand ofWorker(String lock, Map<String, Integer> otherCounts) {
        return new LockDemand(lock, true, LockMode.COUNTING, 1, 1, otherCounts);
    }

    /** One request for each, whose numbers count from 1. */
    private void submit(String... builders) {
        for (String builder : builders) {
            story.fire(List.of(), "abc", builder);
        }
    }

    private Claimed look(Author master, List<String> builders, String... workers) {
        return test.claims.claim(master, terms, new TestWorkers(builders, List.of(workers)));
    }

    private List<Won> claim(Author master, String builder, String... workers) {
        return look(master, List.of(builder), workers).won();
    }

    private void complete(Author master, Won won) {
        story.start(master, won);
        story.complete(master, won, Results.SUCCESS, "build successful");
    }

    private void drop(Author master, Won won) {
        Submission<?> submission = test.claims.drop(master, won, dropped(won));
        test.log.inTransaction(() -> write(master, submission));
    }

    private static Entry dropped(Won won) {
        BuildDropped dropped =
                new BuildDropped(won.claim().builder(), won.claim().buildNumber(), null, "stopped");
        return new Entry(Streams.build(dropped.builder(), dropped.buildNumber()), 0, dropped);
    }

    private <T> void write(Author master, Submission<T> submission) {
        test.log.append(master, null, submission.entries());
        submission.rows().write(List.of(submission.item()));
    }

    private long held() {
        return test.count("SELECT COUNT(*) FROM lock_ticket WHERE held");
    }

    @Test
    void builds_of_two_builders_on_two_masters_have_an_exclusive_lock_one_after_the_other() {
        needs("deploy", all("site"));
        needs("migrate", all("site"));
        submit("deploy", "migrate");
        Won deploy = claim(b1, "deploy", "w").getFirst();

        Claimed blocked = look(b2, List.of("migrate"), "w");
        complete(b1, deploy);
        Won migrate = claim(b2, "migrate", "w").getFirst();

        assertThat(blocked.won()).isEmpty();
        assertThat(blocked.waiting()).containsExactly("migrate");
        assertThat(blocked.exhausted()).isEmpty();
        assertThat(held()).isEqualTo(1);
        complete(b2, migrate);
        assertThat(held()).isZero();
    }

    @Test
    void a_counting_lock_is_given_until_its_counts_are_used_up() {
        needs("small", some("licences", 1, 3));
        needs("large", some("licences", 2, 3));
        for (int i = 0; i < 4; i++) {
            submit("small");
        }
        List<Won> small = claim(b1, "small", "w1", "w2", "w3", "w4");
        submit("large");

        assertThat(small).hasSize(3);
        complete(b1, small.get(0));
        complete(b1, small.get(1));
        assertThat(claim(b2, "large", "w"))
                .as("a build of small is before it, and one is left")
                .isEmpty();
        assertThat(claim(b1, "small", "w")).hasSize(1);
        complete(b1, small.get(2));
        assertThat(claim(b2, "large", "w")).hasSize(1);
    }

    @Test
    void nobody_passes_a_builder_that_waits() {
        needs("all", all("site"));
        needs("some", some("site", 1, 2));
        submit("some");
        submit("all");
        Won first = claim(b1, "some", "w").getFirst();
        submit("some");

        assertThat(claim(b2, "all", "w")).isEmpty();
        assertThat(claim(b1, "some", "w")).isEmpty();
        complete(b1, first);
        assertThat(claim(b1, "some", "w")).as("still behind").isEmpty();
        Won all = claim(b2, "all", "w").getFirst();
        complete(b2, all);
        assertThat(claim(b1, "some", "w")).hasSize(1);
    }

    @Test
    void the_place_in_the_line_is_the_builder_s_whichever_request_of_it_is_the_first() {
        needs("deploy", all("site"));
        needs("migrate", all("site"));
        submit("migrate");
        Won migrate = claim(b1, "migrate", "w").getFirst();
        submit("deploy");
        assertThat(claim(b2, "deploy", "w")).isEmpty();
        submit("deploy");
        test.commands.changePriority(PEOPLE, 3, 9, "ann");
        complete(b1, migrate);

        List<Won> deploy = claim(b1, "deploy", "w");

        assertThat(deploy.getFirst().claim().requestId())
                .as("the urgent one, of another master")
                .isEqualTo(3);
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket")).isEqualTo(1);
    }

    @Test
    void a_lock_is_not_kept_for_a_builder_without_requests() {
        needs("deploy", all("site"));
        needs("migrate", all("site"));
        submit("migrate");
        Won migrate = claim(b1, "migrate", "w").getFirst();
        submit("deploy");
        assertThat(claim(b2, "deploy", "w")).isEmpty();
        submit("migrate");
        complete(b1, migrate);
        assertThat(claim(b1, "migrate", "w")).as("deploy is before it").isEmpty();

        test.commands.cancel(PEOPLE, 2, "ann", "");

        assertThat(claim(b1, "migrate", "w")).hasSize(1);
    }

    @Test
    void a_lock_is_not_kept_for_a_builder_for_which_nobody_claims_any_more() {
        needs("deploy", all("site"));
        needs("migrate", all("site"));
        submit("migrate");
        Won migrate = claim(b1, "migrate", "w").getFirst();
        submit("deploy", "migrate");
        assertThat(claim(b2, "deploy", "w")).isEmpty();
        complete(b1, migrate);

        test.jdbc
                .sql("UPDATE lock_ticket SET expires_at = expires_at - INTERVAL 61 SECOND")
                .update();

        assertThat(claim(b1, "migrate", "w")).hasSize(1);
    }

    @Test
    void whoever_still_claims_keeps_the_builder_s_place() {
        needs("deploy", all("site"));
        submit("deploy", "deploy");
        assertThat(claim(b1, "deploy", "w")).hasSize(1);
        assertThat(claim(b2, "deploy", "w")).isEmpty();
        test.jdbc
                .sql("UPDATE lock_ticket SET expires_at = expires_at - INTERVAL 30 SECOND")
                .update();

        assertThat(claim(b2, "deploy", "w")).isEmpty();

        assertThat(
                        test.count(
                                "SELECT COUNT(*) FROM lock_ticket WHERE expires_at > UTC_TIMESTAMP(6) + INTERVAL 50 SECOND"))
                .isEqualTo(1);
    }

    @Test
    void all_locks_of_a_build_are_taken_at_once_or_none() {
        needs("both", all("left"), all("right"));
        needs("right", all("right"));
        submit("right", "both");
        Won right = claim(b1, "right", "w").getFirst();

        assertThat(claim(b2, "both", "w")).isEmpty();

        assertThat(held()).isEqualTo(1);
        complete(b1, right);
        assertThat(claim(b2, "both", "w")).hasSize(1);
        assertThat(held()).isEqualTo(2);
    }

    @Test
    void a_worker_s_lock_leaves_the_build_to_another_worker() {
        needs("linux", ofWorker("disk", Map.of()));
        needs("docs", ofWorker("disk", Map.of()));
        submit("linux", "docs", "docs");
        assertThat(claim(b1, "linux", "w1")).hasSize(1);

        Claimed docs = look(b2, List.of("docs"), "w1", "w2");

        assertThat(docs.won()).extracting(won -> won.claim().worker()).containsExactly("w2");
        assertThat(docs.waiting()).containsExactly("docs");
    }

    @Test
    void a_worker_may_have_more_of_its_lock() {
        needs("linux", ofWorker("disk", Map.of("w1", 2)));
        needs("docs", ofWorker("disk", Map.of("w1", 2)));
        submit("linux", "docs", "docs");

        assertThat(claim(b1, "linux", "w1")).hasSize(1);
        assertThat(claim(b1, "docs", "w1", "w1")).hasSize(1);
    }

    @Test
    void a_builder_has_so_many_builds_at_once_in_the_whole_cluster() {
        needs("linux", LockDemand.maxBuilds("linux", 2));
        submit("linux", "linux", "linux");
        Won first = claim(b1, "linux", "w").getFirst();

        assertThat(claim(b2, "linux", "w1", "w2")).hasSize(1);
        complete(b1, first);
        assertThat(claim(b2, "linux", "w2")).hasSize(1);
    }

    @Test
    void the_locks_of_a_lost_master_are_free_with_its_claims() {
        needs("deploy", all("site"));
        submit("deploy");
        assertThat(claim(b1, "deploy", "w")).hasSize(1);
        register("b1");

        assertThat(test.claims.holdersThatAreGone()).containsExactly(b1);
        assertThat(test.claims.releaseAllOf(b2, b1, "master b1 is gone")).isEqualTo(1);

        assertThat(held()).isZero();
        assertThat(test.claims.holdersThatAreGone()).isEmpty();
        assertThat(claim(b2, "deploy", "w")).hasSize(1);
    }

    @Test
    void a_life_that_is_over_takes_no_lock_and_keeps_none() {
        needs("deploy", all("site"));
        submit("deploy", "deploy");
        Author next = register("b1");

        assertThat(claim(b1, "deploy", "w")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket")).isZero();
        assertThat(claim(next, "deploy", "w")).hasSize(1);
        assertThat(claim(b1, "deploy", "w")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM lock_ticket")).isEqualTo(1);
    }

    @Test
    void a_build_that_is_stopped_holds_its_locks_until_its_master_says_that_nothing_runs() {
        needs("deploy", all("site"));
        submit("deploy", "deploy");
        Won stopped = claim(b1, "deploy", "w").getFirst();

        test.commands.cancel(PEOPLE, stopped.claim().requestId(), "ann", "");
        assertThat(claim(b2, "deploy", "w")).isEmpty();
        drop(b1, stopped);

        assertThat(claim(b2, "deploy", "w")).hasSize(1);
    }

    @Test
    void what_a_stopped_build_of_a_master_that_is_lost_then_held_is_free_too() {
        needs("deploy", all("site"));
        submit("deploy", "deploy");
        Won stopped = claim(b1, "deploy", "w").getFirst();
        test.commands.cancel(PEOPLE, stopped.claim().requestId(), "ann", "");
        register("b1");

        assertThat(test.claims.holdersThatAreGone()).containsExactly(b1);
        assertThat(test.claims.releaseAllOf(b2, b1, "master b1 is gone")).isZero();

        assertThat(claim(b2, "deploy", "w")).hasSize(1);
    }

    @Test
    void a_master_recovers_the_locks_of_builds_that_it_does_not_work_on() {
        needs("deploy", all("site"));
        submit("deploy", "deploy", "deploy");
        Won failed = claim(b1, "deploy", "w").getFirst();
        Attempt attempt = Attempt.of(failed.claim());

        test.claims.recover(b1, attempt::equals, Map.of(), "can't");
        assertThat(held()).as("it works on that").isEqualTo(1);
        test.claims.recover(b1, _ -> false, Map.of(attempt, "failed"), "can't");
        assertThat(held()).as("it has failed").isZero();

        Won stopped = claim(b1, "deploy", "w").getFirst();
        test.commands.cancel(PEOPLE, stopped.claim().requestId(), "ann", "");
        test.claims.recover(b1, _ -> false, Map.of(), "can't");
        assertThat(held()).as("it was cancelled, and the master never heard of it").isZero();

        assertThat(claim(b1, "deploy", "w")).hasSize(1);
        List<Won> unheard = test.claims.recover(b1, _ -> false, Map.of(), "can't").unheard();
        assertThat(unheard).hasSize(1);
        assertThat(held()).as("it is to be built").isEqualTo(1);
        complete(b1, unheard.getFirst());
        assertThat(held()).isZero();
    }

    @Test
    void builds_that_end_in_one_transaction_in_any_way_take_the_rows_of_their_locks_in_one_order() {
        needs("deploy", all("site"));
        needs("migrate", all("port"));
        submit("deploy", "migrate");
        Won deploy = claim(b1, "deploy", "w").getFirst();
        Won migrate = claim(b1, "migrate", "w").getFirst();
        BuildRequestClaimed claim = deploy.claim();

        Submission<?> completion =
                test.claims.completion(
                        b1,
                        deploy,
                        deploy.nextSequence(),
                        new BuildRequestCompleted(
                                claim.requestId(), claim.attempt(), Results.SUCCESS, "ok"));
        Submission<?> drop = test.claims.drop(b1, migrate, dropped(migrate));

        assertThat(completion.rows()).isSameAs(drop.rows());
    }

    private static Holder step(Won won) {
        return new Holder(
                won.claim().builder(),
                won.claim().buildNumber(),
                won.claim().requestId(),
                won.claim().attempt(),
                1);
    }

    private static LockUse whole(String lock) {
        return new LockUse(lock, LockMode.EXCLUSIVE, 1, 1);
    }

    @Test
    void a_step_of_a_build_with_a_lock_does_not_wait_for_a_builder_that_waits_for_that_lock() {
        needs("deploy", all("site"));
        needs("migrate", all("site"), all("port"));
        submit("deploy", "migrate");
        Won deploy = claim(b1, "deploy", "w").getFirst();
        assertThat(claim(b2, "migrate", "w")).as("it keeps its place at port").isEmpty();

        Answer answer = locks.request(b1, step(deploy), List.of(whole("port")));

        assertThat(answer).isEqualTo(new Granted());
        complete(b1, deploy);
        assertThat(claim(b2, "migrate", "w")).hasSize(1);
    }

    @Test
    void nor_does_a_step_that_was_given_another_of_its_locks() {
        needs("deploy", all("site"));
        needs("migrate", all("port"), all("site"));
        needs("test");
        submit("deploy", "migrate", "test");
        Won deploy = claim(b1, "deploy", "w").getFirst();
        Won test = claim(b1, "test", "w").getFirst();
        assertThat(claim(b2, "migrate", "w")).isEmpty();

        assertThat(locks.request(b1, step(test), List.of(whole("port"))))
                .as("it holds nothing")
                .isInstanceOf(Waiting.class);
        locks.release(b1, step(test), "the step has ended");
        assertThat(locks.request(b1, step(test), List.of(whole("port"), whole("tty"))))
                .isEqualTo(new Granted());

        locks.release(b1, step(test), "the step has ended");
        complete(b1, test);
        complete(b1, deploy);
        assertThat(claim(b2, "migrate", "w")).hasSize(1);
    }

    @Test
    void two_builders_that_came_to_their_locks_in_other_orders_do_not_wait_for_each_other() {
        for (String builder : List.of("deploy", "linux", "docs")) {
            needs(builder, all("staging"), ofWorker("disk", Map.of()));
        }
        submit("deploy", "linux", "docs");
        Won deploy = claim(b1, "deploy", "w1").getFirst();
        assertThat(claim(b1, "linux", "w1")).isEmpty();
        assertThat(claim(b2, "docs", "w1", "w2")).isEmpty();
        assertThat(claim(b1, "linux", "w2")).as("first at staging, second at w2").isEmpty();

        complete(b1, deploy);

        Won linux = claim(b1, "linux", "w2").getFirst();
        assertThat(claim(b2, "docs", "w2")).isEmpty();
        complete(b1, linux);
        assertThat(claim(b2, "docs", "w2")).hasSize(1);
    }

    @Test
    void a_builder_that_has_as_many_builds_as_it_may_keeps_no_lock_from_the_others() {
        needs("linux", some("licences", 1, 2), LockDemand.maxBuilds("linux", 1));
        needs("docs", some("licences", 1, 2));
        submit("linux", "linux", "docs");
        assertThat(claim(b1, "linux", "w")).hasSize(1);

        Claimed linux = look(b1, List.of("linux"), "w");

        assertThat(linux.waiting()).containsExactly("linux");
        assertThat(claim(b2, "docs", "w")).hasSize(1);
    }

    @Test
    void a_builder_that_waits_for_a_lock_of_the_cluster_keeps_none_of_a_worker_from_the_others() {
        needs("deploy", all("site"));
        needs("linux", all("site"), ofWorker("disk", Map.of()));
        needs("docs", ofWorker("disk", Map.of()));
        submit("deploy", "linux", "docs");
        Won deploy = claim(b1, "deploy", "w").getFirst();
        assertThat(claim(b1, "linux", "w")).isEmpty();

        Won docs = claim(b2, "docs", "w").getFirst();
        complete(b1, deploy);

        assertThat(claim(b1, "linux", "w")).as("docs has the disk").isEmpty();
        submit("docs");
        complete(b2, docs);
        assertThat(claim(b2, "docs", "w")).as("now linux is before it").isEmpty();
        assertThat(claim(b1, "linux", "w")).hasSize(1);
    }

    private static String[] workers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(it -> "w" + it).toArray(String[]::new);
    }

    @Test
    void of_many_workers_no_more_locks_are_held_than_there_is_use_for() {
        needs("linux", ofWorker("disk", Map.of()));
        submit("linux", "linux");

        assertThat(claim(b1, "linux", workers(100))).hasSize(2);

        assertThat(test.count("SELECT COUNT(*) FROM named_lock")).isEqualTo(22);
    }

    @Test
    void of_many_workers_those_are_tried_whose_locks_nobody_has() {
        needs("linux", ofWorker("disk", Map.of()));
        needs("docs", ofWorker("disk", Map.of()));
        for (int i = 0; i < 30; i++) {
            submit("linux");
        }
        submit("docs");
        assertThat(claim(b1, "linux", workers(30))).hasSize(30);

        assertThat(claim(b1, "docs", workers(40)))
                .extracting(won -> won.claim().worker())
                .containsExactly("w31");
    }

    /** Builds of builders with locks of many kinds, with steps that take one more. */
    private final class Farm {

        private static final List<String> OF_CLUSTER = List.of("a", "b", "c", "d");
        private static final List<String> OF_WORKER = List.of("disk", "gpu");
        private static final List<String> WORKERS = List.of("w1", "w2", "w3");
        private final Random random;
        private final List<String> builders = List.of("p", "q", "r", "s", "t");
        private final Map<Won, Author> running = new LinkedHashMap<>();
        private final Map<String, Integer> last = new HashMap<>();

        Farm(long seed) {
            random = new Random(seed);
            for (String builder : builders) {
                List<LockDemand> demands = new ArrayList<>();
                for (int i = 0; i < OF_CLUSTER.size() - 1; i++) {
                    if (random.nextInt(3) == 0) {
                        demands.add(
                                random.nextBoolean()
                                        ? new LockDemand(
                                                OF_CLUSTER.get(i),
                                                false,
                                                LockMode.EXCLUSIVE,
                                                1,
                                                2,
                                                Map.of())
                                        : some(OF_CLUSTER.get(i), 1 + random.nextInt(2), 2));
                        last.put(builder, i);
                    }
                }
                for (String lock : OF_WORKER) {
                    if (random.nextInt(2) == 0) {
                        demands.add(ofWorker(lock, Map.of()));
                    }
                }
                if (random.nextInt(3) == 0) {
                    demands.add(LockDemand.maxBuilds(builder, 1));
                }
                needs(builder, demands.toArray(LockDemand[]::new));
            }
        }

        private boolean look(String builder, List<String> workers) {
            Author master = random.nextBoolean() ? b1 : b2;
            List<Won> won = claim(master, builder, workers.toArray(String[]::new));
            won.forEach(it -> running.put(it, master));
            return !won.isEmpty();
        }

        private List<String> someWorkers() {
            return WORKERS.stream().filter(_ -> random.nextBoolean()).toList();
        }

        /** A step takes what comes behind all locks of its build, so that no circle is real. */
        private boolean goOn(Won won) {
            Author master = Objects.requireNonNull(running.get(won));
            int next = last.getOrDefault(won.claim().builder(), -1) + 1;
            LockUse use = new LockUse(OF_CLUSTER.get(next), LockMode.COUNTING, 1, 2);
            if (!locks.request(master, step(won), List.of(use)).equals(new Granted())) {
                return false;
            }
            locks.release(master, step(won), "the step has ended");
            complete(master, won);
            running.remove(won);
            return true;
        }

        /** Whether anything could be claimed or ended by anybody. */
        private boolean moves() {
            boolean moved = false;
            for (Won won : List.copyOf(running.keySet())) {
                moved |= goOn(won);
            }
            for (String builder : builders) {
                moved |= look(builder, WORKERS);
            }
            return moved;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void nobody_waits_for_ever_for_locks_that_are_free(long seed) {
        Farm farm = new Farm(seed);
        for (int i = 0; i < 6; i++) {
            farm.builders.forEach(this::submit);
        }
        for (int i = 0; i < 60; i++) {
            List<Won> running = List.copyOf(farm.running.keySet());
            if (!running.isEmpty() && farm.random.nextInt(3) == 0) {
                farm.goOn(running.get(farm.random.nextInt(running.size())));
            } else {
                farm.look(
                        farm.builders.get(farm.random.nextInt(farm.builders.size())),
                        farm.someWorkers());
            }
        }

        while (test.count("SELECT COUNT(*) FROM build_request_queue") > 0
                || !farm.running.isEmpty()) {
            // Those that come to know that they wait for another let go of what they kept.
            boolean isMoving = farm.moves();
            assertThat(isMoving || farm.moves()).as("somebody goes on").isTrue();
        }

        assertThat(held()).isZero();
    }
}
