package io.buildledger.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.auditing.RequestAudit;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.CollapseRequests;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerFired;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.Race;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestStory;
import io.buildledger.verifying.Verdict.Violation;
import io.buildledger.verifying.Verification;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RebuildsTest {

    private static final Author PEOPLE = TestStory.SCHEDULER;

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final Author b1 =
            new MasterRegistry(test.log, test.dataSource, test.dataSource)
                    .register(TestMasters.builder("b1"));

    @AfterEach
    void close() {
        test.close();
    }

    private void fire(String... builders) {
        story.fire(List.of(story.change("a", "abc", "x")), "abc", builders);
    }

    private BuildsetSubmitted rebuild(String builder, long build) {
        return test.rebuilds.build(PEOPLE, builder, build, "ann", "flaky").orElseThrow();
    }

    private BuildsetSubmitted submitted(long buildset) {
        return (BuildsetSubmitted)
                test.log.find(Streams.buildset(buildset), 0).orElseThrow().event();
    }

    private void assertHealthy() throws InterruptedException {
        assertThat(Verification.of(test.database).violations())
                .extracting(Violation::what)
                .isEmpty();
    }

    @Test
    void a_rebuild_of_a_build_is_a_new_buildset_for_its_builder_alone() throws Exception {
        fire("docs", "linux");
        story.build(b1, "linux", Results.FAILURE);
        story.project();

        BuildsetSubmitted again = rebuild("linux", 1);

        BuildsetSubmitted former = submitted(1);
        assertThat(again).isEqualTo(submitted(2));
        assertThat(again.requestIds()).containsExactly(Map.entry("linux", 3L));
        assertThat(again.sourceStamps()).isEqualTo(former.sourceStamps());
        assertThat(again.changeIds()).isEqualTo(former.changeIds());
        assertThat(again.scheduler()).isEqualTo(former.scheduler());
        assertThat(again.firing()).isEqualTo(former.firing());
        assertThat(again.reason()).isEqualTo("rebuild of build linux/1, asked for by ann: flaky");
        assertThat(again.rebuiltFrom()).isEqualTo(new RebuiltFrom(1, "linux", 1L, "ann"));
        assertThat(again.submittedAt()).isAfter(former.submittedAt());
        assertThat(test.log.find(Streams.buildset(2), 0).orElseThrow().metadata())
                .containsEntry("cause", "buildset/1@0");
        assertHealthy();
        story.build(b1, "linux", Results.SUCCESS);
        assertThat(test.log.read(Streams.buildset(2)).getLast().event())
                .isEqualTo(new BuildsetCompleted(2, Results.SUCCESS));
        assertHealthy();
    }

    @Test
    void a_rebuild_of_a_buildset_asks_all_its_builders() throws Exception {
        fire("docs", "linux");

        BuildsetSubmitted again = test.rebuilds.buildset(PEOPLE, 1, "ann", "").orElseThrow();

        assertThat(again.requestIds()).containsOnlyKeys("docs", "linux");
        assertThat(again.reason()).isEqualTo("rebuild of buildset 1, asked for by ann");
        assertThat(again.rebuiltFrom()).isEqualTo(new RebuiltFrom(1, null, null, "ann"));
        assertHealthy();
    }

    @Test
    void builds_that_run_or_were_stopped_or_are_rebuilds_themselves_are_rebuilt() throws Exception {
        fire("linux");
        Won won = story.claim(b1, "linux");
        assertThat(rebuild("linux", 1).buildsetId()).isEqualTo(2);
        story.start(b1, won);
        assertThat(rebuild("linux", 1).buildsetId()).isEqualTo(3);
        test.commands.stop(PEOPLE, "linux", 1, "ann", "");
        story.project();
        assertThat(rebuild("linux", 1).buildsetId()).isEqualTo(4);
        story.build(b1, "linux", Results.SUCCESS);
        story.project();

        BuildsetSubmitted ofRebuild = rebuild("linux", 2);

        assertThat(ofRebuild.rebuiltFrom()).isEqualTo(new RebuiltFrom(2, "linux", 2L, "ann"));
        assertThat(ofRebuild.sourceStamps()).isEqualTo(submitted(1).sourceStamps());
        assertHealthy();
    }

    @Test
    void properties_priority_and_time_out_are_kept_and_who_waited_is_not() throws Exception {
        Entry fired =
                new Entry(
                        Streams.scheduler("main"),
                        0,
                        new SchedulerFired("main", 1, List.of(), null));
        Map<String, Property> properties = Map.of("fast", new Property(true, "Trigger"));
        test.log.inTransaction(() -> {
            test.log.append(PEOPLE, null, List.of(fired));
            test.buildsets.submit(
                    PEOPLE,
                    fired.id(),
                    new BuildsetOrder(
                            "main",
                            1,
                            "triggered",
                            List.of(new SourceStamp("r", "main", "abc", "", "")),
                            List.of(),
                            properties,
                            List.of("linux"),
                            7,
                            3_600_000L,
                            true,
                            new ParentBuild("all", 3, "Triggered from"),
                            "x",
                            null),
                    TestStory.NOON);
        });

        BuildsetSubmitted again = test.rebuilds.buildset(PEOPLE, 1, "ann", "").orElseThrow();

        assertThat(again.properties()).isEqualTo(properties);
        assertThat(again.waitedFor()).isFalse();
        assertThat(again.parent()).isNull();
        assertThat(again.externalId()).isNull();
        assertThat(test.log.find(Streams.buildRequest(2), 0).orElseThrow().event())
                .isEqualTo(new BuildRequested(2, 2, "linux", 7, again.submittedAt(), 3_600_000L));
        assertHealthy();
    }

    @Test
    void what_there_is_not_is_not_rebuilt() {
        assertThat(test.rebuilds.build(PEOPLE, "linux", 1, "ann", "")).isEmpty();
        assertThat(test.rebuilds.buildset(PEOPLE, 1, "ann", "")).isEmpty();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type LIKE 'build%'")).isZero();
    }

    @Test
    void a_rebuild_is_not_collapsed_and_collapses_nothing() throws Exception {
        Buildsets collapsing =
                new Buildsets(
                        test.log,
                        test.dataSource,
                        test.numbers,
                        test.queue,
                        new Collapsing(_ -> new CollapseRequests(null, null)));
        Rebuilds rebuilds = new Rebuilds(test.log, test.dataSource, test.builds, collapsing);
        fire("linux");

        rebuilds.buildset(PEOPLE, 1, "ann", "");
        rebuilds.buildset(PEOPLE, 1, "ann", "");

        assertThat(test.count("SELECT COUNT(*) FROM build_request_queue")).isEqualTo(3);
        assertHealthy();
    }

    @Test
    void two_who_ask_at_the_same_moment_get_a_buildset_each() throws Exception {
        fire("docs", "linux");
        int rounds = 30;

        Race<BuildsetSubmitted, BuildsetSubmitted> race =
                Race.of(
                        rounds,
                        _ -> test.rebuilds.buildset(PEOPLE, 1, "ann", "").orElseThrow(),
                        _ -> test.rebuilds.buildset(PEOPLE, 1, "bob", "").orElseThrow());

        assertThat(Stream.concat(race.left().stream(), race.right().stream()))
                .extracting(BuildsetSubmitted::buildsetId)
                .doesNotHaveDuplicates();
        assertThat(test.count("SELECT COUNT(*) FROM event WHERE type = 'buildset-submitted'"))
                .isEqualTo(1 + 2 * rounds);
        assertHealthy();
    }

    @Test
    void the_audit_tells_what_was_rebuilt_and_for_whom() {
        fire("linux");
        story.claim(b1, "linux");
        rebuild("linux", 1);

        assertThat(new RequestAudit(test.log).of(2).orElseThrow().entries())
                .filteredOn(entry -> entry.what().equals("buildset submitted"))
                .extracting(entry -> entry.details().replace(", abc of main", ""))
                .containsExactly(
                        "buildset 1 by scheduler main, firing 1, of change 1",
                        "buildset 2 by ann, who had build linux/1 of buildset 1 built once more, of change 1");
    }
}
