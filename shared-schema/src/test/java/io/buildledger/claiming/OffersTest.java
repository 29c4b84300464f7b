package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.BuildRequestQueue.Glance;
import io.buildledger.claiming.BuildRequestQueue.Offer;
import io.buildledger.claiming.Claims.Claimed;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.requesting.BuildRequestEvent.Choice;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestWorkers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is claimed by which policy; requests are for a branch each. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OffersTest {

    private static final Author SCHEDULER = new Author("s", 1);
    private static final Author B1 = new Author("b1", 1);
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final OfferPolicy NEWEST = new Policy(NextBuild.NEWEST_FIRST, false, false);
    private static final OfferPolicy PREFERS = new Policy(NextBuild.IN_ORDER, true, false);
    private static final OfferPolicy BY_WORKER = new Policy(NextBuild.IN_ORDER, false, true);
    private static final OfferPolicy NEWEST_BY_WORKER =
            new Policy(NextBuild.NEWEST_FIRST, false, true);

    /** Prefers branch release; a worker may build the branch of its own name, and branch any. */
    private record Policy(NextBuild next, boolean hasPreference, boolean hasCondition)
            implements OfferPolicy {

        @Override
        public boolean prefers(BuildsetSubmitted buildset) {
            return branch(buildset).equals("release");
        }

        @Override
        public boolean mayStart(BuildsetSubmitted buildset, String worker) {
            return branch(buildset).equals(worker) || branch(buildset).equals("any");
        }

        private static String branch(BuildsetSubmitted buildset) {
            return String.valueOf(buildset.sourceStamps().getFirst().branch());
        }
    }

    private final TestLog test = new TestLog();
    private final Map<String, ClaimTerms> terms = new HashMap<>();
    private int firings;

    @AfterEach
    void close() {
        test.close();
    }

    private void policy(String builder, OfferPolicy policy) {
        terms.put(builder, new ClaimTerms("f00d", 3, policy, List.of()));
    }

    /** A request of each builder. */
    private void submit(int secondsAfterNoon, int priority, String branch, String... builders) {
        int firing = ++firings;
        test.log.inTransaction(() ->
                test.buildsets.submit(
                        SCHEDULER,
                        "scheduler/main@0",
                        TestOrders.of(
                                firing,
                                List.of(1L),
                                new SourceStamp("r", branch, "abc", "", ""),
                                priority,
                                null,
                                builders),
                        NOON.plusSeconds(secondsAfterNoon)));
    }

    private Claimed claim(String... workers) {
        return test.claims.claim(
                B1, terms, new TestWorkers(List.copyOf(terms.keySet()), List.of(workers)));
    }

    private static String numbers(Claimed claimed) {
        return claimed.won().stream()
                .map(won -> Long.toString(won.claim().requestId()))
                .collect(Collectors.joining(" "));
    }

    private static String workers(Claimed claimed) {
        return claimed.won().stream()
                .map(won -> won.claim().worker())
                .collect(Collectors.joining(" "));
    }

    @Test
    void the_newest_of_the_highest_priority_goes_first() {
        policy("linux", NEWEST);
        submit(1, 0, "main", "linux");
        submit(2, 5, "main", "linux");
        submit(3, 5, "main", "linux");
        submit(4, 0, "main", "linux");

        assertThat(numbers(claim("w"))).isEqualTo("3");
        // Of one priority at once.
        assertThat(numbers(claim("w", "w"))).isEqualTo("2");
        assertThat(numbers(claim("w", "w"))).isEqualTo("4 1");
        assertThat(claim("w").exhausted()).containsExactly("linux");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    main main release release | 3 4 1 2
                    release main              | 1 2
                    main main                 | 1 2
                    """)
    void what_is_preferred_goes_first_and_what_is_not_afterwards(String branches, String order) {
        policy("linux", PREFERS);
        int second = 0;
        for (String branch : List.of(branches.split(" "))) {
            submit(second++, 0, branch, "linux");
        }

        List<String> claimed = new ArrayList<>();
        for (int i = 0; i < second; i++) {
            claimed.add(numbers(claim("w")));
        }

        assertThat(String.join(" ", claimed)).isEqualTo(order);
    }

    @Test
    void a_higher_priority_goes_before_what_is_preferred() {
        policy("linux", PREFERS);
        submit(1, 0, "release", "linux");
        submit(2, 1, "main", "linux");

        assertThat(numbers(claim("w", "w"))).isEqualTo("2 1");
    }

    @Test
    void between_builders_the_order_of_claims_decides_between_what_each_would_take_next() {
        policy("linux", NEWEST);
        policy("docs", OfferPolicy.IN_ORDER);
        submit(1, 0, "main", "linux");
        submit(2, 0, "main", "docs");
        submit(3, 0, "main", "linux");

        // The next of linux is newer than that of docs, whatever waits behind it.
        assertThat(numbers(claim("w"))).isEqualTo("2");
        assertThat(numbers(claim("w"))).isEqualTo("3");
        assertThat(numbers(claim("w"))).isEqualTo("1");
    }

    @Test
    void a_request_goes_to_a_worker_that_may_build_it() {
        policy("linux", BY_WORKER);
        submit(1, 0, "x86", "linux");
        submit(2, 0, "arm", "linux");
        submit(3, 0, "x86", "linux");

        Claimed claimed = claim("arm", "x86");

        assertThat(numbers(claimed)).isEqualTo("1 2");
        assertThat(workers(claimed)).isEqualTo("x86 arm");
        assertThat(claimed.unsuitable()).isEmpty();
    }

    @Test
    void what_no_worker_may_build_stays_on_offer_and_holds_up_nobody() {
        policy("linux", BY_WORKER);
        policy("docs", OfferPolicy.IN_ORDER);
        submit(1, 9, "mips", "linux", "docs");
        submit(2, 0, "any", "linux");
        submit(3, 0, "mips", "linux");

        Claimed claimed = claim("w1", "w2", "w3");

        assertThat(numbers(claimed)).isEqualTo("2 3");
        assertThat(claimed.unsuitable()).isEmpty();
        assertThat(claim("w1").unsuitable()).containsExactly("linux");
        assertThat(claim("w1").won()).isEmpty();
        assertThat(claim("w1").exhausted()).containsExactly("docs");
        // Another master may have the worker.
        assertThat(numbers(claim("mips", "w1"))).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({"BY_WORKER", "NEWEST_BY_WORKER"})
    void those_behind_many_that_no_worker_may_build_have_their_turn(String name) {
        policy("linux", name.equals("BY_WORKER") ? BY_WORKER : NEWEST_BY_WORKER);
        int many = 2 * Offers.WINDOW + 1;
        for (int i = 0; i < many; i++) {
            submit(i, 1, "mips", "linux");
        }
        submit(many, 0, "any", "linux");

        List<Won> won = new ArrayList<>();
        int looks = 0;
        while (won.isEmpty() && looks++ < 10) {
            Claimed claimed = claim("w");
            won.addAll(claimed.won());
            assertThat(claimed.unsuitable()).as("there are others behind").isEmpty();
            assertThat(claimed.exhausted()).isEmpty();
        }

        assertThat(won).hasSize(1);
        assertThat(looks).isLessThanOrEqualTo(3);
        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(many);
        // What comes in front meanwhile has its turn, too.
        submit(0, 2, "any", "linux");
        assertThat(numbers(claim("w"))).isEqualTo(Integer.toString(many + 2));
    }

    @Test
    void where_there_is_nothing_behind_those_that_were_passed_over_it_begins_anew() {
        policy("linux", BY_WORKER);
        for (int i = 0; i < Offers.WINDOW; i++) {
            submit(i, 0, "mips", "linux");
        }
        assertThat(claim("w").unsuitable()).isEmpty();

        Claimed behind = claim("w");
        assertThat(behind.exhausted()).as("they are still on offer").isEmpty();
        assertThat(behind.unsuitable()).isEmpty();
        submit(0, 1, "any", "linux");

        assertThat(claim("w").won()).hasSize(1);
    }

    @Test
    void a_choice_tells_the_place_in_the_order_of_claims() {
        policy("linux", NEWEST);
        submit(1, 0, "main", "linux");
        submit(2, 0, "main", "linux");

        assertThat(claim("w").won().getFirst().claim().choice()).isEqualTo(new Choice(2, 2, null));
    }

    @ParameterizedTest
    @CsvSource({"NEWEST", "BY_WORKER"})
    void masters_that_race_win_each_request_once(String name) throws Exception {
        policy("linux", name.equals("NEWEST") ? NEWEST : BY_WORKER);
        int requests = 120;
        for (int i = 0; i < requests; i++) {
            submit(i, 0, "any", "linux");
        }
        List<Callable<Integer>> masters = new ArrayList<>();
        for (int m = 0; m < 4; m++) {
            Author master = new Author("b" + m, 1);
            masters.add(() -> {
                int won = 0;
                while (test.hasWork("linux")) {
                    won +=
                            test.claims
                                    .claim(
                                            master,
                                            terms,
                                            new TestWorkers(
                                                    List.of("linux"), List.of("w", "w", "w")))
                                    .won()
                                    .size();
                }
                return won;
            });
        }
        int won = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Integer> each : threads.invokeAll(masters)) {
                won += each.get();
            }
        }

        assertThat(won).isEqualTo(requests);
        assertThat(test.count("SELECT COUNT(*) FROM claim")).isEqualTo(requests);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'build-request-claimed'"))
                .isEqualTo(requests);
    }

    @Test
    void the_newest_are_found_without_a_walk_along_the_others() {
        test.jdbc
                .sql(
                        """
                        INSERT INTO build_request_queue
                               (request_id, buildset_id, builder, priority, submitted_at, attempts, next_sequence)
                          WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900)
                        SELECT i, i, 'linux', 0, UTC_TIMESTAMP(6) + INTERVAL i SECOND, 0, 1 FROM n
                        """)
                .update();
        Glance glance = new Glance("linux", 3, NextBuild.NEWEST_FIRST, null);
        try (CountedSession session = new CountedSession(test)) {
            BuildRequestQueue queue = new BuildRequestQueue(session.dataSource);

            assertThat(session.rowsReadBy(() -> queue.look(List.of(glance)))).isLessThan(20);
            assertThat(queue.look(List.of(glance)))
                    .extracting(Offer::requestId)
                    .contains(900L, 899L, 898L);
        }
    }

    @Test
    void the_offers_behind_one_are_those_behind_it_in_either_order() {
        for (int second : new int[] {1, 2, 2, 3}) {
            submit(second, 0, "main", "linux");
        }
        submit(9, 5, "main", "linux");
        Offer second =
                test.queue.look(List.of(new Glance("linux", 9, NextBuild.IN_ORDER, null))).stream()
                        .filter(offer -> offer.requestId() == 2)
                        .findFirst()
                        .orElseThrow();

        assertThat(
                        Stream.of(NextBuild.values())
                                .map(next ->
                                        test
                                                .queue
                                                .look(List.of(new Glance("linux", 9, next, second)))
                                                .stream()
                                                .map(Offer::requestId)
                                                .toList()))
                .containsExactly(List.of(3L, 4L), List.of(1L));
    }
}
