package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import io.buildledger.viewing.ViewProjector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LiveFeedTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final LiveFeed feed = new LiveFeed(test.jdbc, test.log, 4, 3);
    private Won won;
    private String build;

    /** A build that runs, and views that know it. */
    @BeforeEach
    void begin() {
        feed.start();
        long change = story.change("ann", "abc", "x");
        story.fire(List.of(change), "abc", "linux");
        won = story.claim(B1, "linux");
        story.start(B1, won);
        story.project();
        build = "build/linux/" + won.claim().buildNumber();
    }

    @AfterEach
    void end() {
        feed.stop();
        await().until(() -> !feed.isLooking());
        test.close();
    }

    private long views() {
        return ViewProjector.position(test.jdbc).complete();
    }

    private LiveFeed.Listener listen(long after, Set<String> wanted) {
        return feed.listen(after, wanted, "ann");
    }

    private static List<String> until(LiveFeed.Listener listener, String stream)
            throws InterruptedException {
        List<String> told = new ArrayList<>();
        while (!told.contains(stream)) {
            LiveFeed.Told growth = listener.next(SOON);
            assertThat(growth.streams()).as("what is told until " + stream).isNotEmpty();
            told.addAll(growth.streams());
        }
        return told;
    }

    @Test
    void who_comes_later_with_the_same_place_hears_of_what_was_told_ahead_of_the_views()
            throws Exception {
        long made = views();
        // The views stand still from here on.
        story.change("ann", "def", "not in the views");
        try (LiveFeed.Listener first = listen(made, Set.of())) {
            story.startStep(B1, won, 1, "test");
            until(first, build);

            try (LiveFeed.Listener later = listen(made, Set.of())) {
                assertThat(until(later, build)).doesNotContain(LiveFeed.ANY);
            }
        }
    }

    @Test
    void who_comes_back_hears_of_what_was_told_with_the_very_index_that_it_knows()
            throws Exception {
        story.change("ann", "def", "not in the views");
        try (LiveFeed.Listener stays = listen(views(), Set.of())) {
            long known;
            try (LiveFeed.Listener goes = listen(views(), Set.of())) {
                long log = story.startStep(B1, won, 1, "test");
                until(goes, build);
                known = views();
                until(stays, build);
                assertThat(log).isPositive();
            }
            story.startStep(B1, won, 2, "more");
            until(stays, build);

            try (LiveFeed.Listener back = listen(known, Set.of())) {
                assertThat(until(back, build)).isNotEmpty();
            }
        }
    }

    @Test
    void of_a_build_is_told_however_late_the_views_would_look_by_themselves() throws Exception {
        EventLog lazy = new EventLog(test.dataSource, test.transactions, Duration.ofHours(1));
        LiveFeed ofLazy = new LiveFeed(test.jdbc, lazy, 4, 3);
        ofLazy.start();
        long head = test.log.head();
        try (Follower views =
                        Follower.of(
                                        ViewProjector.FOLLOWER,
                                        Follower.Start.FIRST_EVENT,
                                        lazy,
                                        test.dataSource,
                                        TestStory.SCHEDULER,
                                        new ViewProjector(test.dataSource))
                                .start();
                LiveFeed.Listener listener =
                        ofLazy.listen(views(), Set.of("build-request"), "ann")) {
            await().until(() -> views.position(ViewProjector.FOLLOWER).orElse(-1) >= head);

            story.complete(B1, won, Results.SUCCESS, "");

            until(listener, "build-request/" + won.claim().requestId());
        } finally {
            ofLazy.stop();
            await().until(() -> !ofLazy.isLooking());
        }
    }

    @Test
    void what_was_found_is_told_although_the_database_fails_while_the_views_are_waited_for()
            throws Exception {
        AtomicBoolean isAway = new AtomicBoolean();
        EventLog failing = new EventLog(test.dataSource, test.transactions, Duration.ofHours(1));
        failing.onNews(() -> {
            if (isAway.compareAndSet(false, true)) {
                test.jdbc.sql("RENAME TABLE token TO token_away").update();
            }
        });
        long known = views();
        story.startStep(B1, won, 1, "test");
        story.change("ann", "def", "which the views would have to show");
        LiveFeed ofFailing = new LiveFeed(test.jdbc, failing, 4, 3);
        ofFailing.start();
        try (LiveFeed.Listener listener = ofFailing.listen(known, Set.of(), "ann")) {
            until(listener, build);

            assertThat(isAway).isTrue();
        } finally {
            ofFailing.stop();
            await().until(() -> !ofFailing.isLooking());
            test.jdbc.sql("RENAME TABLE token_away TO token").update();
        }
    }

    @Test
    void of_what_a_page_does_not_show_it_hears_nothing() throws Exception {
        try (LiveFeed.Listener all = listen(views(), Set.of());
                LiveFeed.Listener ofBuild = listen(views(), Set.of(build));
                LiveFeed.Listener ofChanges = listen(views(), Set.of("change"))) {
            story.startStep(B1, won, 1, "test");
            until(all, build);

            assertThat(until(ofBuild, build)).containsOnly(build);
            assertThat(ofChanges.next(AT_ONCE).streams()).isEmpty();
            long change = story.change("ann", "def", "y");
            story.project();
            assertThat(until(ofChanges, "change/" + change)).hasSize(1);
        }
    }

    @Test
    void pages_that_show_the_same_are_told_in_the_same_words() throws Exception {
        AtomicInteger worded = new AtomicInteger();
        try (LiveFeed.Listener one = listen(views(), Set.of(build));
                LiveFeed.Listener other = listen(views(), Set.of(build))) {
            story.startStep(B1, won, 1, "test");

            LiveFeed.Told told = one.next(SOON);
            assertThat(other.next(SOON)).isSameAs(told);
            assertThat(told.inWords(it -> it.streams() + " " + worded.incrementAndGet()))
                    .isEqualTo("[" + build + "] 1");
            assertThat(told.inWords(_ -> "anew")).isEqualTo("[" + build + "] 1");
        }
    }

    @Test
    void what_has_grown_between_two_questions_of_a_page_is_told_at_the_next() throws Exception {
        try (LiveFeed.Listener slow = listen(views(), Set.of());
                LiveFeed.Listener quick = listen(views(), Set.of())) {
            story.startStep(B1, won, 1, "test");
            until(quick, build);
            long change = story.change("ann", "def", "y");
            story.project();
            until(quick, "change/" + change);

            // One is told after the other, so the last of it may come a moment later.
            assertThat(until(slow, "change/" + change)).contains(build);
        }
    }

    @Test
    void more_streams_than_a_page_would_tell_apart_are_told_by_their_kinds() throws Exception {
        String rows =
                IntStream.range(0, 250)
                        .mapToObj("('build/mac/%d', 0, 'step-started', '1', '{}', '{}')"::formatted)
                        .collect(Collectors.joining(","));
        try (LiveFeed.Listener all = listen(views(), Set.of());
                LiveFeed.Listener ofOne = listen(views(), Set.of("build/linux/9999"));
                LiveFeed.Listener ofChanges = listen(views(), Set.of("change"))) {
            test.jdbc
                    .sql(
                            "INSERT INTO event (stream, sequence_number, type, revision, payload, metadata) VALUES "
                                    + rows)
                    .update();

            assertThat(until(all, "build/*")).hasSizeLessThan(250);
            assertThat(until(ofOne, "build/*")).containsOnly("build/*");
            assertThat(ofChanges.next(AT_ONCE).streams()).isEmpty();
        }
    }

    @Test
    void more_listeners_than_a_master_serves_are_refused_and_more_of_one_sender() {
        try (LiveFeed.Listener one = listen(0, Set.of());
                LiveFeed.Listener two = listen(0, Set.of());
                LiveFeed.Listener three = listen(0, Set.of())) {
            assertThat(List.of(one, two, three)).doesNotHaveDuplicates();
            assertThatThrownBy(() -> listen(0, Set.of()))
                    .isInstanceOf(TooManyAtOnceException.class)
                    .hasMessageContaining("3 pages of yours");
            try (LiveFeed.Listener four = feed.listen(0, Set.of(), "joe")) {
                assertThat(four.isOver()).isFalse();
                assertThatThrownBy(() -> feed.listen(0, Set.of(), "joe"))
                        .isInstanceOf(TooManyAtOnceException.class)
                        .hasMessageContaining("another master");
            }
        }
        listen(0, Set.of()).close();
    }

    @Test
    void it_goes_on_when_the_database_is_back() throws Exception {
        try (LiveFeed.Listener listener = listen(views(), Set.of())) {
            test.jdbc.sql("RENAME TABLE token TO token_away").update();
            try {
                await("the feed to be in trouble").until(feed::isTroubled);
                assertThat(listener.next(AT_ONCE).streams()).isEmpty();
            } finally {
                test.jdbc.sql("RENAME TABLE token_away TO token").update();
            }
            long change = story.change("ann", "def", "y");
            story.project();

            assertThat(until(listener, "change/" + change)).isNotEmpty();
        }
    }
}
