package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.changing.ChangeSourceEvent.RepositoryPolled;
import io.buildledger.log.Author;
import io.buildledger.log.ConflictException;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.changing.ChangeIntake.Taken;
import io.buildledger.testing.TestLog;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChangeIntakeTest {

    private final TestLog test = new TestLog();
    private final ChangeIntake intake =
            new ChangeIntake(
                    test.log,
                    test.dataSource,
                    test.numbers,
                    new Author("s", 1),
                    new CodebaseRules(List.of()));

    @AfterEach
    void close() {
        test.close();
    }

    private static NewChange change(String author) {
        return new NewChange(
                "repo",
                "main",
                null,
                "",
                "",
                null,
                author,
                "",
                List.of(),
                null,
                Instant.EPOCH,
                Map.of(),
                "base");
    }

    @Test
    void more_senders_at_a_time_than_there_are_connections_are_all_taken_in() throws Exception {
        int senders = 4 * test.dataSource.getMaximumPoolSize();
        CyclicBarrier together = new CyclicBarrier(senders);
        List<Future<Long>> taken = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
            for (int sender = 0; sender < senders; sender++) {
                String author = "sender " + sender;
                taken.add(
                        threads.submit(() -> {
                            together.await();
                            return intake.take(change(author));
                        }));
            }
        }

        TreeSet<Long> ids = new TreeSet<>();
        for (Future<Long> one : taken) {
            ids.add(one.get());
        }
        assertThat(ids).hasSize(senders).first().isEqualTo(1L);
        assertThat(ids.last()).isEqualTo(senders);
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'"))
                .isEqualTo(senders);
    }

    private ChangeIntake another() {
        return new ChangeIntake(
                test.log,
                test.dataSource,
                test.numbers,
                new Author("t", 1),
                new CodebaseRules(List.of()));
    }

    private static NewChange change(String repository, String branch, @Nullable String revision) {
        return new NewChange(
                repository,
                branch,
                revision,
                "",
                "",
                null,
                "a",
                "",
                List.of(),
                null,
                Instant.EPOCH,
                Map.of(),
                "base");
    }

    private long changes() {
        return test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
    }

    @Test
    void a_change_is_taken_once_by_whichever_address_and_by_whichever_master() {
        long id = intake.take(change("https://host/app.git", "main", "abc"));

        assertThat(another().take(change("git@host:app", "refs/heads/main", "abc"))).isEqualTo(id);
        assertThat(intake.take(List.of(change("https://host/app", "main", "abc"))))
                .containsExactly(new Taken(id, false));
        assertThat(changes()).isEqualTo(1);
    }

    @Test
    void of_another_branch_revision_or_repository_it_is_another() {
        intake.take(change("https://host/app", "main", "abc"));

        assertThat(
                        intake.take(
                                List.of(
                                        change("https://host/app", "stable", "abc"),
                                        change("https://host/app", "main", "abd"),
                                        change("https://host/app2", "main", "abc"))))
                .containsExactly(new Taken(2, true), new Taken(3, true), new Taken(4, true));
    }

    @Test
    void without_a_revision_or_a_repository_a_change_is_new_each_time() {
        assertThat(
                        intake.take(
                                List.of(
                                        change("https://host/app", "main", null),
                                        change("https://host/app", "main", null),
                                        change("", "main", "abc"),
                                        change("", "main", "abc"))))
                .extracting(Taken::changeId)
                .containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void no_number_is_taken_for_what_is_known() {
        intake.take(change("https://host/app", "main", "abc"));

        List<Taken> taken =
                intake.take(
                        List.of(
                                change("https://host/app", "main", "abc"),
                                change("https://host/app", "main", "abd"),
                                change("https://host/app", "main", "abd"),
                                change("https://host/app", "main", "abe")));

        assertThat(taken)
                .containsExactly(
                        new Taken(1, false),
                        new Taken(2, true),
                        new Taken(2, false),
                        new Taken(3, true));
        assertThat(intake.take(change("https://host/app", "main", "abf"))).isEqualTo(4);
    }

    @Test
    void of_masters_that_take_the_same_changes_at_the_same_time_each_change_is_taken_once()
            throws Exception {
        int masters = 4;
        int revisions = 60;
        CyclicBarrier together = new CyclicBarrier(masters);
        List<Future<List<Taken>>> taken = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(masters)) {
            for (int master = 0; master < masters; master++) {
                ChangeIntake own = another();
                long seed = master;
                taken.add(
                        threads.submit(() -> {
                            List<NewChange> order = new ArrayList<>();
                            for (int i = 0; i < revisions; i++) {
                                order.add(change("https://host/app", "main", "r" + i));
                            }
                            Collections.shuffle(order, new Random(seed));
                            together.await();
                            List<Taken> all = new ArrayList<>();
                            for (int from = 0; from < revisions; from += 15) {
                                all.addAll(own.take(order.subList(from, from + 15)));
                            }
                            return all;
                        }));
            }
        }

        TreeSet<Long> all = new TreeSet<>();
        long asNew = 0;
        for (Future<List<Taken>> one : taken) {
            one.get().forEach(change -> all.add(change.changeId()));
            asNew += one.get().stream().filter(Taken::isNew).count();
        }
        assertThat(changes()).isEqualTo(revisions);
        assertThat(all).hasSize(revisions);
        assertThat(asNew).isEqualTo(revisions);
    }

    @Test
    void a_poll_takes_what_a_hook_has_not_brought_and_goes_on_all_the_same() {
        intake.take(change("https://host/app", "main", "abc"));
        Entry cursor =
                new Entry(
                        Streams.gitPoller("https://host/app"),
                        0,
                        new RepositoryPolled(
                                "https://host/app", Map.of("main", "abd"), List.of(), true));

        List<Long> taken =
                intake.take(
                        List.of(
                                change("https://host/app.git", "main", "abc"),
                                change("https://host/app.git", "main", "abd")),
                        cursor);

        assertThat(taken).containsExactly(2L);
        assertThat(changes()).isEqualTo(2);
        assertThat(test.log.lastSequence(cursor.stream())).hasValue(0);
    }

    @Test
    void a_poll_that_loses_the_race_leaves_nothing_that_would_make_its_changes_known() {
        Entry cursor =
                new Entry(
                        Streams.gitPoller("https://host/app"),
                        0,
                        new RepositoryPolled(
                                "https://host/app", Map.of("main", "abd"), List.of(), true));
        intake.take(List.of(), cursor);

        assertThatThrownBy(() ->
                        intake.take(List.of(change("https://host/app", "main", "abc")), cursor))
                .isInstanceOf(ConflictException.class);
        assertThat(changes()).isZero();
        assertThat(intake.take(List.of(change("https://host/app", "main", "abc"))))
                .singleElement()
                .matches(Taken::isNew);
    }

    @Test
    void a_push_of_ten_thousand_commits_is_taken_in_its_order() {
        List<NewChange> push = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            push.add(change("https://host/app", "main", "r" + i));
        }
        // As after a failure in the middle of it.
        intake.take(push.subList(0, 1_234));

        List<Taken> taken = intake.take(push);

        assertThat(taken).extracting(Taken::changeId).isSorted().hasSize(10_000);
        assertThat(taken).filteredOn(Taken::isNew).hasSize(10_000 - 1_234);
        assertThat(changes()).isEqualTo(10_000);
        assertThat(
                        test.count(
                                """
                                SELECT COUNT(*) FROM event one JOIN event other
                                    ON one.type = 'change-received' AND other.type = one.type
                                   AND one.global_index = other.global_index - 1
                                   AND one.stream <> CONCAT('change/', SUBSTRING(other.stream, 8) - 1)
                                """))
                .isZero();
    }

    @Test
    void one_that_can_not_be_written_costs_its_neighbours_nothing() throws Exception {
        int senders = 20;
        // More than the largest packet of the database, whatever NewChange thinks of it.
        Map<String, String> tooMuch = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            tooMuch.put("p" + i, "x".repeat(NewChange.LONGEST_COMMENTS));
        }
        NewChange bad =
                new NewChange(
                        "repo",
                        "main",
                        null,
                        "",
                        "",
                        null,
                        "a",
                        "",
                        List.of(),
                        null,
                        Instant.EPOCH,
                        tooMuch,
                        "base");
        CyclicBarrier together = new CyclicBarrier(senders + 1);
        List<Future<Long>> taken = new ArrayList<>();
        Future<Long> refused;
        try (ExecutorService threads = Executors.newFixedThreadPool(senders + 1)) {
            refused =
                    threads.submit(() -> {
                        together.await();
                        return intake.take(bad);
                    });
            for (int sender = 0; sender < senders; sender++) {
                String author = "sender " + sender;
                taken.add(
                        threads.submit(() -> {
                            together.await();
                            return intake.take(change(author));
                        }));
            }
        }

        assertThatThrownBy(refused::get).isInstanceOf(ExecutionException.class);
        for (Future<Long> one : taken) {
            assertThat(one.get()).isPositive();
        }
        assertThat(changes()).isEqualTo(senders);
    }
}
