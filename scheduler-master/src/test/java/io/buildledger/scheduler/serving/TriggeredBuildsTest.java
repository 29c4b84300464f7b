package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.commanding.BuildTriggers;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.scheduling.Calendar;
import io.buildledger.domain.scheduling.CatchUp;
import io.buildledger.domain.scheduling.Cron;
import io.buildledger.domain.scheduling.NightlyTriggerableScheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.log.Author;
import io.buildledger.log.GroupCommit;
import io.buildledger.scheduler.serving.buildbot.DescribedAnswers;
import io.buildledger.testing.TestScheduler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TriggeredBuildsTest {

    private static final Author B1 = new Author("b1", 1);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static ServedLog served;

    /** Build all/1 asks four schedulers; of what it triggers one build has ended. */
    @BeforeAll
    static void begin() throws Exception {
        served = new ServedLog();
        TestScheduler tests = TestScheduler.triggerable(served.test, "tests", "linux", "docs");
        TestScheduler off = TestScheduler.triggerable(served.test, "off", "linux");
        off.disable();
        TestScheduler nightly =
                new TestScheduler(
                        served.test,
                        new NightlyTriggerableScheduler(
                                SchedulerSettings.of("nightly", "linux"),
                                new Calendar(Cron.parse("@daily"), ZoneOffset.UTC, CatchUp.ONCE)));
        served.story.fire(List.of(), "abc", "all");
        Won parent = served.story.claim(B1, "all");
        served.story.start(B1, parent);
        served.story.startStep(B1, parent, 1, "trigger");
        try (GroupCommit commit = new GroupCommit(served.test.log, B1)) {
            BuildTriggers triggers = new BuildTriggers(served.test.log, commit);
            long place = 1;
            for (String scheduler : List.of("tests", "off", "nightly", "asleep")) {
                assertThat(
                                triggers.ask(
                                        new BuildTriggered(
                                                scheduler,
                                                List.of(),
                                                Map.of(),
                                                scheduler.equals("tests"),
                                                new ParentBuild("all", 1, "Triggered from"),
                                                null,
                                                null),
                                        1,
                                        place++))
                        .isPresent();
            }
        }
        tests.act();
        off.act();
        nightly.act();
        served.story.build(B1, "linux", Results.FAILURE);
        served.project();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static String get(String path) throws Exception {
        HttpResponse<String> response =
                HTTP.send(
                        HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    @Test
    void the_api_tells_what_a_build_has_asked_for_and_what_came_of_it() throws Exception {
        JsonNode triggered =
                new DescribedAnswers(served.url()).readOwn("/api/builds/all/1").path("triggered");

        assertThat(triggered.valueStream().map(it -> it.path("state").asString()))
                .containsExactly("submitted", "refused", "kept", "pending");
        JsonNode tests = triggered.path(0);
        assertThat(tests.path("step").asInt()).isEqualTo(1);
        assertThat(tests.path("scheduler").asString()).isEqualTo("tests");
        assertThat(tests.path("waitedFor").asBoolean()).isTrue();
        assertThat(tests.path("buildsetId").asLong()).isEqualTo(2);
        assertThat(
                        tests.path("requests")
                                .valueStream()
                                .map(it ->
                                        "%s %s %s"
                                                .formatted(
                                                        it.path("builder").asString(),
                                                        it.path("state").asString(),
                                                        it.path("results").asString(""))))
                .containsExactly("linux completed FAILURE", "docs unclaimed ");
        assertThat(triggered.path(1).path("reason").asString())
                .isEqualTo("the scheduler is disabled");
    }

    /** Build all/1 is the first of request 1, linux/1 that of request 2. */
    @Test
    void clients_of_buildbot_find_the_buildsets_that_a_build_has_asked_for() throws Exception {
        String children = "/api/v2/buildsets?parent_buildid=";
        DescribedAnswers client = new DescribedAnswers(served.url());

        JsonNode found = client.readOwn(children + "1001&order=-bsid").path("buildsets");

        assertThat(found.valueStream().map(it -> it.path("bsid").asLong())).containsExactly(2L);
        assertThat(found.at("/0/parent_buildid").asLong()).isEqualTo(1001);
        for (String other : List.of("1001&complete=true", "2001", "99")) {
            assertThat(client.readOwn(children + other).path("buildsets")).as(other).isEmpty();
        }
    }

    @Test
    void the_page_of_the_build_links_to_the_requests_and_builds() throws Exception {
        for (String page : List.of("/builds/all/1", "/builds/all/1/status")) {
            assertThat(get(page))
                    .contains(
                            "<h2>Triggered</h2>",
                            "<a href=\"/requests/2\">2 linux</a>",
                            "<a href=\"/builds/linux/1\">linux/1</a>",
                            "<a href=\"/requests/3\">3 docs</a>",
                            "refused: the scheduler is disabled",
                            ">kept<",
                            ">pending<");
        }
    }

    @Test
    void a_build_that_has_asked_for_nothing_says_nothing_of_it() throws Exception {
        assertThat(get("/builds/linux/1")).doesNotContain("Triggered");
        assertThat(get("/api/builds/linux/1")).contains("\"triggered\":[]");
    }
}
