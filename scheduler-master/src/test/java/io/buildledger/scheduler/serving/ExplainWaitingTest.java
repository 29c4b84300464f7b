package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.scheduling.SchedulerEvent.TimerArmed;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What changes wait for, of schedulers that run. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ExplainWaitingTest {

    private final ServedLog served = new ServedLog(0, Waiting.class);
    private final HttpClient http = HttpClient.newHttpClient();

    static class Waiting {
        @Bean
        ConfigurationFile fileOfSchedulersThatWait() {
            return ServedLog.file(
                    """
                    schedulers:
                      - single_branch: {name: a_quiet, branch: main, tree_stable_timer: 1h, builder_names: [linux]}
                      - single_branch: {name: b_off, branch: main, builder_names: [linux]}
                      - single_branch:
                          name: c_docs
                          branch: main
                          builder_names: [linux]
                          file_is_important: {exclude: README.md}
                      - any_branch: {name: d_stable, change_filter: {branch_not_eq: main}, builder_names: [linux]}
                    builders:
                      - {name: linux, worker_names: [w1], factory: []}
                    workers: [name: w1]
                    """);
        }
    }

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private String send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString()).body();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create(served.url() + "/api" + path));
    }

    private JsonNode schedulers(long change) throws Exception {
        return new JsonMapper()
                .readTree(send(to("/changes/%d/explain".formatted(change))))
                .path("schedulers");
    }

    @Test
    void what_a_change_waits_for_is_told_and_until_when() throws Exception {
        served.test.insertRaw("master/s");
        await().until(() -> served.test.count("SELECT COUNT(*) FROM scheduler_status") == 4);
        send(
                to("/schedulers/b_off/disable")
                        .header("Content-Type", "application/json")
                        .POST(
                                BodyPublishers.ofString(
                                        "{\"requestedBy\":\"ann\",\"reason\":\"a freeze\"}")));
        long change = served.story.change("ann", "abc", "Mend it");
        await().until(() ->
                served.test.count("SELECT COUNT(*) FROM event WHERE type = 'change-taken'") == 3);
        await().until(() -> schedulers(change).path(3).path("taken").isBoolean());

        TimerArmed timer =
                served.test.log.read(Streams.scheduler("a_quiet")).stream()
                        .map(Recorded::event)
                        .filter(TimerArmed.class::isInstance)
                        .map(TimerArmed.class::cast)
                        .findFirst()
                        .orElseThrow();
        assertThat(schedulers(change).valueStream().map(it -> it.path("reason").asString()))
                .containsExactly(
                        "taken; waits for the scheduler's timers, of which the next ends at "
                                + timer.fireAt(),
                        "taken; waits, as the scheduler is disabled by ann: a freeze: enable it",
                        "taken; not important: it is built together with the next change that is",
                        "not taken, by the configuration of now: branch 'main' is excluded");
        URI part = URI.create(served.url() + "/changes/%d/why".formatted(change));
        assertThat(send(HttpRequest.newBuilder(part)))
                .contains("ends at <time data-due datetime=\"%s\">".formatted(timer.fireAt()));
    }
}
