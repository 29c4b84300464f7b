package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.CollapseRequests;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import io.buildledger.testing.TestWorkers;
import io.buildledger.verifying.Verdict;
import io.buildledger.verifying.Verification;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class CollapsingTest {

    private static final String COLLAPSED =
            "SELECT COUNT(*) FROM event WHERE type = 'build-request-collapsed'";
    private static final Map<String, Property> NO_PROPERTIES = Map.of();

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final Author b1 = register("b1");
    private final Author b2 = register("b2");
    private final Buildsets buildsets =
            new Buildsets(
                    test.log,
                    test.dataSource,
                    test.numbers,
                    test.queue,
                    new Collapsing(builder ->
                            builder.equals("docs")
                                    ? CollapseRequests.NEVER
                                    : new CollapseRequests(null, null)));
    private long firings;
    private long sequence;

    @AfterEach
    void close() {
        test.close();
    }

    private Author register(String name) {
        return registry.register(TestMasters.builder(name));
    }

    private static SourceStamp stamp(String branch, String revision) {
        return new SourceStamp("https://example.org/app.git", branch, revision, "", "");
    }

    /** A change comes, and scheduler main fires for it. */
    private void fire(int priority, String branch, String... builders) {
        String revision = "r" + (firings + 1);
        long change = story.change("me", revision, "");
        append(
                new ChangeTaken(
                        "main",
                        change,
                        "https://example.org/app.git",
                        branch,
                        revision,
                        "",
                        "",
                        null,
                        null));
        submit(
                TestOrders.of(
                        ++firings,
                        List.of(change),
                        stamp(branch, revision),
                        priority,
                        null,
                        builders));
    }

    private void append(Object event) {
        Entry entry = new Entry(Streams.scheduler("main"), sequence++, event);
        test.log.inTransaction(() -> test.log.append(TestStory.SCHEDULER, null, List.of(entry)));
    }

    private void submit(BuildsetOrder order) {
        Entry fired =
                new Entry(
                        Streams.scheduler("main"),
                        sequence++,
                        new SchedulerFired("main", order.firing(), order.changeIds(), null));
        test.log.inTransaction(() -> {
            test.log.append(TestStory.SCHEDULER, null, List.of(fired));
            buildsets.submit(TestStory.SCHEDULER, fired.id(), order, TestStory.NOON);
        });
    }

    /** Somebody has builds made of no change. */
    private void force(SourceStamp stamp, Map<String, Property> properties, boolean waitedFor) {
        submit(
                new BuildsetOrder(
                        "main",
                        ++firings,
                        "forced",
                        List.of(stamp),
                        List.of(),
                        properties,
                        List.of("linux"),
                        0,
                        null,
                        waitedFor,
                        null,
                        null,
                        null));
    }

    private List<Won> claim(Author master, String builder) {
        return TestWorkers.claim(test.claims, master, builder, "w1", "w2", "w3");
    }

    private Object lastOf(String stream) {
        return test.log.read(stream).getLast().event();
    }

    private Verdict verify() {
        try {
            return Verification.of(test.database);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_request_for_the_same_ends_as_skipped_and_the_later_one_has_the_higher_priority() {
        fire(7, "main", "linux");
        fire(3, "main", "linux");

        assertThat(lastOf(Streams.buildRequest(1)))
                .isInstanceOfSatisfying(
                        BuildRequestCollapsed.class, it -> assertThat(it.into()).isEqualTo(2));
        assertThat(lastOf(Streams.buildset(1)))
                .isEqualTo(new BuildsetCompleted(1, Results.SKIPPED));
        List<Won> won = claim(b1, "linux");
        assertThat(won).extracting(it -> it.claim().requestId()).containsExactly(2L);
        assertThat(test.count("SELECT priority FROM claim")).isEqualTo(7);
        story.start(b1, won.getFirst());
        story.complete(b1, won.getFirst(), Results.SUCCESS, "ok");
        assertThat(verify().violations()).isEmpty();
    }

    @Test
    void a_buildset_with_another_request_goes_on_and_a_builder_that_does_not_collapse_builds_all() {
        fire(0, "main", "linux", "docs");
        fire(0, "main", "linux", "docs");

        assertThat(test.count(COLLAPSED)).isEqualTo(1);
        assertThat(claim(b1, "docs")).hasSize(2);
        assertThat(claim(b1, "linux")).hasSize(1);
        assertThat(test.log.read(Streams.buildset(1))).hasSize(1);
        assertThat(verify().violations()).isEmpty();
    }

    @Test
    void what_asks_for_something_else_is_left_alone() {
        SourceStamp stamp = stamp("main", "abc");
        SourceStamp patched =
                new SourceStamp(
                        stamp.repository(),
                        "main",
                        "abc",
                        "",
                        "",
                        new Patch("diff", 1, "me", "", ""));
        Map<String, Property> fast = Map.of("fast", new Property(true, "Force Build Form"));

        fire(0, "main", "linux");
        fire(0, "stable", "linux");
        force(stamp, NO_PROPERTIES, false);
        force(stamp("main", "abd"), NO_PROPERTIES, false);
        force(stamp, fast, false);
        force(stamp, NO_PROPERTIES, true);
        force(patched, NO_PROPERTIES, false);
        force(patched, NO_PROPERTIES, false);
        assertThat(test.count(COLLAPSED)).isZero();

        force(stamp, Map.of("owner", new Property("me", "Force Build Form")), false);
        assertThat(test.count(COLLAPSED)).isEqualTo(1);
        assertThat(lastOf(Streams.buildRequest(3))).isInstanceOf(BuildRequestCollapsed.class);
        assertThat(verify().violations()).isEmpty();
    }

    private void submit(List<Long> changes, SourceStamp... stamps) {
        submit(
                new BuildsetOrder(
                        "main",
                        ++firings,
                        "why",
                        List.of(stamps),
                        changes,
                        NO_PROPERTIES,
                        List.of("linux"),
                        0,
                        null,
                        false,
                        null,
                        null,
                        null));
    }

    @Test
    void a_later_request_for_an_older_change_leaves_that_for_the_newer_one_alone() {
        submit(List.of(2L), stamp("main", "r2"));
        submit(List.of(1L), stamp("main", "r1"));
        assertThat(test.count(COLLAPSED)).isZero();

        submit(List.of(1L, 3L), stamp("main", "r3"));

        assertThat(lastOf(Streams.buildRequest(1))).isInstanceOf(BuildRequestCollapsed.class);
        assertThat(claim(b1, "linux"))
                .extracting(it -> it.claim().requestId())
                .containsExactly(2L, 3L);
    }

    private long change(String codebase) {
        return story.change("me", "r", "", codebase);
    }

    private static SourceStamp of(String codebase, @Nullable String revision) {
        return new SourceStamp(codebase + ".git", "main", revision, "", codebase);
    }

    @Test
    void of_several_codebases_none_may_be_older_in_the_later_request() {
        long lib = change("lib");
        long app = change("app");

        submit(List.of(lib), of("app", "pinned"), of("lib", "l1"));
        submit(List.of(app), of("app", "a1"), of("lib", "pinned"));
        assertThat(test.count(COLLAPSED)).isZero();
        submit(List.of(app), of("app", "a1"), of("lib", null));
        assertThat(test.count(COLLAPSED)).isEqualTo(1);
        submit(List.of(change("lib")), of("app", null), of("lib", "l2"));
        assertThat(test.count(COLLAPSED)).isEqualTo(2);
        submit(List.of(change("app"), change("lib")), of("app", "a2"), of("lib", "l3"));

        assertThat(claim(b1, "linux"))
                .extracting(it -> it.claim().requestId())
                .containsExactly(1L, 5L);
    }

    @Test
    void a_codebase_that_stands_at_the_newest_change_ever_taken_of_it_is_no_older() {
        long app = change("app");
        long lib = change("lib");

        submit(List.of(app), of("app", "a1"), of("lib", "l0"));
        submit(List.of(lib), of("app", "a1"), of("lib", "l1"));
        submit(List.of(change("app")), of("app", "a2"), of("lib", "l1"));

        assertThat(claim(b1, "linux")).extracting(it -> it.claim().requestId()).containsExactly(3L);
    }

    @Test
    void a_request_that_is_claimed_is_not_touched() {
        fire(0, "main", "linux");
        claim(b1, "linux");

        fire(0, "main", "linux");

        assertThat(test.count(COLLAPSED)).isZero();
        assertThat(claim(b2, "linux")).extracting(it -> it.claim().requestId()).containsExactly(2L);
    }

    @Test
    void a_request_that_was_released_can_be_collapsed() {
        fire(0, "main", "linux");
        Won won = claim(b1, "linux").getFirst();

        test.claims.releaseAllOf(b2, b1, "master b1 is gone");
        fire(0, "main", "linux");

        assertThat(lastOf(Streams.buildRequest(won.claim().requestId())))
                .isInstanceOf(BuildRequestCollapsed.class);
        assertThat(claim(b2, "linux")).extracting(it -> it.claim().requestId()).containsExactly(2L);
    }

    @Test
    void a_claim_that_is_under_way_is_waited_for_and_then_left_alone() {
        fire(0, "main", "linux");

        List<Won> won = new ArrayList<>();
        Thread scheduler = Thread.ofPlatform().unstarted(() -> fire(0, "main", "linux"));
        test.log.inTransaction(() -> {
            won.addAll(claim(b1, "linux"));
            scheduler.start();
            assertThat(isOver(scheduler, Duration.ofMillis(200))).isFalse();
        });

        assertThat(isOver(scheduler, Duration.ofSeconds(30))).isTrue();
        assertThat(won).extracting(it -> it.claim().requestId()).containsExactly(1L);
        assertThat(test.count(COLLAPSED)).isZero();
        assertThat(claim(b2, "linux")).extracting(it -> it.claim().requestId()).containsExactly(2L);
        assertThat(verify().violations()).isEmpty();
    }

    @Test
    void what_is_being_collapsed_can_t_be_claimed() {
        fire(0, "main", "linux");

        List<Won> won = new ArrayList<>();
        Thread builder = Thread.ofPlatform().unstarted(() -> won.addAll(claim(b1, "linux")));
        test.log.inTransaction(() -> {
            fire(0, "main", "linux");
            builder.start();
            assertThat(isOver(builder, Duration.ofSeconds(30))).isTrue();
            assertThat(won).isEmpty();
        });

        assertThat(claim(b1, "linux")).extracting(it -> it.claim().requestId()).containsExactly(2L);
        assertThat(verify().violations()).isEmpty();
    }

    private static boolean isOver(Thread thread, Duration within) {
        try {
            return thread.join(within);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_request_that_was_collapsed_into_an_earlier_one_is_found() {
        fire(0, "main", "docs");
        fire(0, "main", "docs");
        test.log.inTransaction(() ->
                test.log.append(
                        TestStory.SCHEDULER,
                        null,
                        List.of(Entry.of(1, new BuildRequestCollapsed(2, 1, "why")))));

        assertThat(verify().violations())
                .extracting(Verdict.Violation::what)
                .contains("request 2 was collapsed into 1, which is not a later one");
    }
}
