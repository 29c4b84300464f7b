package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Commands to schedulers that no master runs. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class UnsettledCommandsTest {

    private final ServedLog served =
            new ServedLog(
                    List.of(
                            bound(
                                    new ForceScheduler(
                                            SchedulerSettings.of("force", "linux"),
                                            "F",
                                            "F",
                                            List.of(),
                                            false)),
                            bound(new TryScheduler(SchedulerSettings.of("try", "linux")))));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        served.close();
    }

    private static BoundScheduler bound(Scheduler scheduler) {
        return new BoundScheduler(scheduler, "d", "{}", null, null);
    }

    private void status(String scheduler, @Nullable String renamedTo) {
        served.test
                .jdbc
                .sql(
                        """
                        INSERT INTO scheduler_status (name, type, last_sequence, enabled, pending, firings, renamed_to, master)
                        VALUES (:name, 'force', 0, TRUE, 0, 0, :renamedTo, 's')
                        """)
                .param("name", scheduler)
                .param("renamedTo", renamedTo)
                .update();
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create(served.url() + "/api/schedulers/" + path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    force/force   | {"reason":"because"} | BuildForced
                    try/try       | {"patch":"--- a"}    | PatchSubmitted
                    force/disable | {}                   | SchedulerSwitched
                    """)
    void what_no_master_has_come_to_is_accepted_and_in_the_log(
            String path, String body, String event) throws Exception {
        String scheduler = path.substring(0, path.indexOf('/'));
        status(scheduler, null);

        HttpResponse<String> response = post(path, body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        JsonMapper json = new JsonMapper();
        assertThat(json.readTree(response.body()))
                .isEqualTo(
                        json.readTree(
                                "{\"scheduler\":\"%s\",\"done\":false,\"buildsetId\":null,\"requestIds\":{}}"
                                        .formatted(scheduler)));
        assertThat(
                        served.test.log.read(Streams.schedulerCommand(scheduler)).stream()
                                .map(Recorded::event)
                                .map(it -> it.getClass().getSimpleName()))
                .containsExactly(event);
    }

    @Test
    void what_goes_on_under_another_name_is_not_switched_under_the_old_one() throws Exception {
        status("old", "new");

        HttpResponse<String> response = post("old/disable", "{}");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("scheduler old goes on as new: ask that");
        assertThat(served.test.log.read(Streams.schedulerCommand("old"))).isEmpty();
    }

    @Test
    void what_goes_on_under_another_name_is_not_built_under_the_old_one() throws Exception {
        status("force", "new");

        HttpResponse<String> response = post("force/force", "{\"reason\":\"because\"}");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(served.test.log.read(Streams.schedulerCommand("force"))).isEmpty();
    }

    @Test
    void a_switch_that_is_still_to_come_is_taken_back_by_another() throws Exception {
        status("force", null);
        assertThat(post("force/enable", "{}").statusCode()).isEqualTo(200);
        assertThat(post("force/disable", "{}").statusCode()).isEqualTo(202);

        assertThat(post("force/enable", "{}").statusCode()).isEqualTo(202);

        assertThat(
                        served.test.log.read(Streams.schedulerCommand("force")).stream()
                                .map(it -> ((SchedulerSwitched) it.event()).enabled()))
                .containsExactly(false, true);
    }
}
