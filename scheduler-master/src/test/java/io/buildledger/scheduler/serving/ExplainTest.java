package io.buildledger.scheduler.serving;

import static io.buildledger.testing.TestStory.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Buildsets;
import io.buildledger.claiming.Collapsing;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.CollapseRequests;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.scheduling.ChangeRules;
import io.buildledger.domain.scheduling.PriorityRule;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerDisabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerEnabled;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRenamed;
import io.buildledger.domain.scheduling.SchedulerEvent.SchedulerRetired;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.Streams;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.testing.TestOrders;
import io.buildledger.testing.TestStory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ExplainTest {

    private static final Author B1 = new Author("b1", 1);

    private final ServedLog served = new ServedLog(List.of(on("main"), on("stable")));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private static BoundScheduler on(String branch) {
        return new BoundScheduler(
                new SingleBranchScheduler(
                        new SchedulerSettings(
                                branch,
                                List.of("linux"),
                                SchedulerSettings.ONE_CODEBASE,
                                Map.of(),
                                "",
                                PriorityRule.of(0),
                                null),
                        ChangeRules.of(ChangeFilter.onBranch(TextRule.oneOf(branch))),
                        null),
                "d",
                "{}",
                null,
                null);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                BodyHandlers.ofString());
    }

    private JsonNode explained(String path) throws Exception {
        return new DescribedAnswers(served.url()).readOwn(path);
    }

    private void hasRead(String scheduler, long index) {
        served.test
                .jdbc
                .sql(
                        """
                        INSERT INTO token (processor_name, segment, token, token_type)
                        VALUES (:name, 0, :token,
                                'gap-aware-token')
                        """)
                .param("name", "scheduler/" + scheduler)
                .param("token", "{\"index\":%d,\"gaps\":[]}".formatted(index))
                .update();
    }

    @Test
    void a_change_is_explained_by_its_buildset_and_by_the_rule_that_refused_it() throws Exception {
        long change = served.story.change("ann", "abc", "Mend it");
        served.story.fire(List.of(change), "abc", "linux");
        hasRead("stable", 1_000);

        JsonNode schedulers = explained("/api/changes/1/explain").path("schedulers");

        assertThat(schedulers.path(0).path("taken").asBoolean()).isTrue();
        assertThat(schedulers.path(0).path("reason").asString())
                .isEqualTo("built: buildset 1, request 1 for linux");
        assertThat(schedulers.path(1).path("taken").asBoolean(true)).isFalse();
        assertThat(schedulers.path(1).path("reason").asString())
                .startsWith("not taken, by the configuration of now: branch");
    }

    @Test
    void a_change_that_a_scheduler_has_not_come_to_is_neither_taken_nor_refused() throws Exception {
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        hasRead("stable", 0);

        JsonNode schedulers = explained("/api/changes/1/explain").path("schedulers");

        assertThat(schedulers.path(0).path("reason").asString())
                .isEqualTo("taken; waits for the scheduler to fire");
        assertThat(schedulers.path(1).path("taken").isNull()).isTrue();
        assertThat(schedulers.path(1).path("reason").asString())
                .startsWith("has not come to it yet, and no master runs it");
    }

    @Test
    void who_reads_and_how_far_that_is_behind_is_told_on_pages() throws Exception {
        register("s");
        served.story.change("ann", "abc", "Mend it");
        status("stable", true, null);
        hasRead("main", 1_000);
        hasRead("stable", 0);
        hasRead("former", 0);
        served.test
                .jdbc
                .sql("UPDATE token SET owner = 's#1'  WHERE processor_name <> 'scheduler/former'")
                .update();

        assertThat(get("/").body()).contains("All 2 schedulers", "are up to date.");
        assertThat(get("/masters").body()).contains("2 readers, none behind");

        served.test
                .jdbc
                .sql("UPDATE event SET recorded_at = recorded_at - INTERVAL 1 HOUR")
                .update();
        String behind = served.test.log.head() + " events behind, for 1 h 00 min";

        assertThat(get("/sections/masters").body())
                .contains(
                        "Scheduler <a href=\"/schedulers/stable\">stable</a>", behind, "s runs it")
                .doesNotContain("former", "/schedulers/main", "What pages show is old");
        assertThat(get("/schedulers").body()).contains(behind);
        assertThat(get("/masters").body())
                .contains("2 readers, of which 1 behind: scheduler stable " + behind);
        served.test.jdbc.sql("UPDATE token SET owner = NULL").update();
        assertThat(get("/").body()).contains("no master runs it").doesNotContain("former");
    }

    @Test
    void a_request_waits_for_a_master_and_for_those_ahead_of_it() throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        served.story.fire(List.of(), "def", "linux");
        assertThat(explained("/api/requests/2/explain").path("reasons").values())
                .extracting(JsonNode::asString)
                .containsExactly(
                        "no living master has builder linux: start a builder master whose file has it",
                        "requests of builder linux ahead of it: 1; a higher priority would move it forward");

        served.registry.register(
                new Registration(
                        "b1",
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Map.of("linux", "f00d"),
                        null));
        served.story.claim(B1, "linux");

        assertThat(explained("/api/requests/1/explain").path("state").asString())
                .isEqualTo("claimed");
        assertThat(explained("/api/requests/2/explain").path("reasons").values())
                .extracting(JsonNode::asString)
                .containsExactly(
                        "b1 has the builder; claims that it holds: 1; it claims when a worker of the builder is free",
                        "it is the next of builder linux");
    }

    @Test
    void a_request_that_has_ended_says_how() throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        served.story.build(B1, "linux", Results.SUCCESS);

        JsonNode request = explained("/api/requests/1/explain");

        assertThat(request.path("state").asString()).isEqualTo("completed");
        assertThat(request.path("reasons").path(0).asString())
                .isEqualTo("SUCCESS: build successful");
    }

    @ParameterizedTest
    @ValueSource(strings = {"change", "request"})
    void what_does_not_exist_is_a_404(String what) throws Exception {
        HttpResponse<String> response = get("/api/%ss/9/explain".formatted(what));

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("there is no %s 9".formatted(what));
    }

    private Author register(String master) {
        return served.registry.register(
                new Registration(
                        master,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Map.of("linux", "f00d"),
                        null));
    }

    private List<String> reasons(long request) throws Exception {
        return explained("/api/requests/%d/explain".formatted(request))
                .path("reasons")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
    }

    @Test
    void a_request_that_was_released_says_by_whom_and_why_it_waits_again() throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        served.story.claim(B1, "linux");
        served.test.claims.releaseAllOf(new Author("b2", 1), B1, "master b1 was lost");

        JsonNode request = explained("/api/requests/1/explain");

        assertThat(request.path("state").asString()).isEqualTo("unclaimed");
        assertThat(reasons(1))
                .containsExactly(
                        "attempt 1 was released by b2: master b1 was lost",
                        "no living master has builder linux: start a builder master whose file has it",
                        "it is the next of builder linux");
    }

    @Test
    void a_request_waits_while_the_masters_of_its_builder_are_drained_or_silent() throws Exception {
        served.story.fire(List.of(), "abc", "linux");
        register("b1");
        register("b2");
        register("b3");
        served.registry.drain(TestStory.SCHEDULER, "b1", false, "ann");
        served.test
                .jdbc
                .sql(
                        "UPDATE master SET leased_until = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE WHERE name = 'b2'")
                .update();

        assertThat(reasons(1))
                .containsExactly(
                        "b1 has the builder, and is drained: undrain it or start another",
                        "b2 has the builder, and its lease has run out: restart it",
                        "b3 has the builder and holds no claim: it claims when a worker is there",
                        "it is the next of builder linux");
    }

    @Test
    void a_request_that_a_later_one_took_in_says_which() throws Exception {
        Buildsets collapsing =
                new Buildsets(
                        served.test.log,
                        served.test.dataSource,
                        served.test.numbers,
                        served.test.queue,
                        new Collapsing(_ -> new CollapseRequests(null, null)));
        for (int firing = 1; firing <= 2; firing++) {
            BuildsetOrder order = TestOrders.of(firing, "linux");
            served.test.log.inTransaction(
                    () -> collapsing.submit(TestStory.SCHEDULER, "scheduler/main@0", order, NOON));
        }

        assertThat(explained("/api/requests/1/explain").path("state").asString())
                .isEqualTo("completed");
        assertThat(reasons(1)).singleElement().asString().startsWith("collapsed into request 2: ");
    }

    @Test
    void a_request_that_nobody_will_build_says_why() throws Exception {
        served.test.log.inTransaction(() ->
                served.test.buildsets.submit(
                        TestStory.SCHEDULER,
                        "scheduler/main@0",
                        TestOrders.of(1, 0, Duration.ofMillis(1), "linux"),
                        NOON));
        served.story.fire(List.of(), "abc", "linux");
        served.test.commands.expire(TestStory.SCHEDULER);
        served.test.commands.cancel(TestStory.SCHEDULER, 2, "ann", "not needed");

        assertThat(reasons(1)).containsExactly("expired: nobody claimed it within 0.001 s");
        assertThat(reasons(2)).containsExactly("cancelled by ann: not needed");
    }

    /** A scheduler has another name from here on, as those who rename it would write it. */
    private void rename(String from, String to) {
        long end = next(from);
        append(
                new Entry(Streams.scheduler(from), end, new SchedulerRetired(from, to)),
                new Entry(
                        Streams.scheduler(to),
                        next(to),
                        new SchedulerRenamed(to, from, end, 0L, 0L)));
        status(from, true, to);
        status(to, true, null);
    }

    private long next(String scheduler) {
        return served.test.log.lastSequence(Streams.scheduler(scheduler)).orElse(-1) + 1;
    }

    private void append(Entry... entries) {
        served.test.log.inTransaction(
                () -> served.test.log.append(TestStory.SCHEDULER, null, List.of(entries)));
    }

    private void status(String scheduler, boolean enabled, @Nullable String renamedTo) {
        served.test
                .jdbc
                .sql(
                        """
                        REPLACE INTO scheduler_status (name, type, last_sequence, enabled, pending,
                                                       firings, renamed_to, master)
                        VALUES (:name, 'single_branch', 2, :enabled, 1, 0, :renamedTo, 's')
                        """)
                .param("name", scheduler)
                .param("enabled", enabled)
                .param("renamedTo", renamedTo)
                .update();
    }

    private Map<String, String> explainedBySchedulers(long change) throws Exception {
        return explained("/api/changes/%d/explain".formatted(change))
                .path("schedulers")
                .valueStream()
                .filter(it -> !it.path("scheduler").asString().equals("stable"))
                .collect(
                        Collectors.toMap(
                                it -> it.path("scheduler").asString(),
                                it -> it.path("reason").asString()));
    }

    @Test
    void what_was_taken_under_a_former_name_is_taken_and_waits_under_the_present_one()
            throws Exception {
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        rename("main", "trunk");
        rename("trunk", "tip");
        hasRead("tip", 1_000);

        assertThat(explainedBySchedulers(1))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                "main", "taken; the scheduler goes on as trunk",
                                "trunk", "taken under the name main; the scheduler goes on as tip",
                                "tip",
                                        "taken under the name main; waits for the scheduler to fire"));
    }

    @Test
    void what_was_built_under_a_former_name_is_built() throws Exception {
        served.story.fire(List.of(served.story.change("ann", "abc", "Mend it")), "abc", "linux");
        rename("main", "trunk");

        assertThat(explainedBySchedulers(1))
                .containsEntry("main", "built: buildset 1, request 1 for linux")
                .containsEntry(
                        "trunk", "built under the name main: buildset 1, request 1 for linux");
    }

    @Test
    void a_scheduler_that_has_come_back_to_a_name_holds_what_it_took_under_it_before()
            throws Exception {
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        rename("main", "trunk");
        rename("trunk", "main");
        served.story.change("ann", "abd", "Mend it again");
        hasRead("main", 1_000);

        assertThat(explainedBySchedulers(1))
                .containsEntry("main", "taken; waits for the scheduler to fire")
                .containsEntry("trunk", "taken under the name main; the scheduler goes on as main");
        assertThat(explainedBySchedulers(2).get("main")).startsWith("not taken, ");
        assertThat(explainedBySchedulers(2))
                .containsEntry("trunk", "not taken under this name; it goes on as main");
    }

    @Test
    void what_another_scheduler_took_that_once_had_the_name_is_not_taken() throws Exception {
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        rename("main", "trunk");
        append(
                new Entry(
                        Streams.scheduler("tip"),
                        0,
                        new SchedulerEnabled("tip", "ann", "it is new")));
        rename("tip", "main");
        hasRead("main", 1_000);

        assertThat(explainedBySchedulers(1).get("main")).startsWith("not taken, ");
        assertThat(explainedBySchedulers(1))
                .containsEntry(
                        "trunk", "taken under the name main; waits for the scheduler to fire");
    }

    @Test
    void who_disabled_a_scheduler_under_a_former_name_is_named() throws Exception {
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        append(
                new Entry(
                        Streams.scheduler("main"),
                        next("main"),
                        new SchedulerDisabled("main", "ann", "the lab is dark")));
        rename("main", "trunk");
        status("trunk", false, null);

        assertThat(explainedBySchedulers(1))
                .containsEntry(
                        "trunk",
                        "taken under the name main; waits, as the scheduler is disabled by ann: the lab is dark: enable it");
    }

    @Test
    void a_change_is_not_taken_under_a_name_that_was_given_up() throws Exception {
        status("main", true, "trunk");
        served.story.take(served.story.change("ann", "abc", "Mend it"), "abc");
        served.story.change("ann", "abd", "Mend it again");
        hasRead("main", 1_000);

        assertThat(
                        explained("/api/changes/1/explain")
                                .path("schedulers")
                                .path(0)
                                .path("reason")
                                .asString())
                .isEqualTo("taken; the scheduler goes on as trunk");
        assertThat(
                        explained("/api/changes/2/explain")
                                .path("schedulers")
                                .path(0)
                                .path("reason")
                                .asString())
                .isEqualTo("not taken under this name; it goes on as trunk");
    }
}
