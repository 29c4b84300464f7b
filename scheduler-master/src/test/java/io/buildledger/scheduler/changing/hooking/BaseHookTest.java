package io.buildledger.scheduler.changing.hooking;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.ServedLog;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BaseHookTest {

    private final ServedLog served = new ServedLog(0, HookedMaster.class);
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        client.close();
        served.close();
    }

    private HttpResponse<String> send(String form, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(served.url() + "/change_hook/base"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String detail(HttpResponse<String> response) {
        JsonNode problem = new JsonMapper().readTree(response.body());
        assertThat(problem.path("status").asInt()).isEqualTo(response.statusCode());
        return problem.path("detail").asString();
    }

    private ChangeReceived change(long id) {
        return (ChangeReceived) served.test.log.read(Streams.change(id)).getFirst().event();
    }

    private long changes() {
        return served.test.count("SELECT COUNT(*) FROM event WHERE type = 'change-received'");
    }

    @Test
    void a_change_that_a_program_sends_is_in_the_log_when_it_is_answered() throws Exception {
        HttpResponse<String> response = send("author=a&branch=main");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"changeId\":1,\"changeIds\":[1],\"known\":[]}");
        assertThat(change(1).branch()).isEqualTo("main");
    }

    @Test
    void a_page_of_the_address_itself_may_send_a_change() throws Exception {
        assertThat(send("author=a", "Origin", served.url()).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://evil.example",
                "https://127.0.0.1",
                "http://127.0.0.1:1",
                "http://localhost:8010",
                "null"
            })
    void a_page_of_another_site_may_not_send_a_change(String origin) throws Exception {
        HttpResponse<String> response = send("author=a", "Origin", origin);

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(detail(response)).startsWith("Origin: '" + origin + "' is another site");
        assertThat(changes()).isZero();
    }

    @Test
    void credentials_in_the_address_of_a_repository_do_not_get_into_the_log() throws Exception {
        send("author=a&repository=https%3A%2F%2Fsomebody%3Asecret%40host%2Fx.git");

        assertThat(change(1).repository()).isEqualTo("https://host/x.git");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    author=a&when=yesterday            | when:
                    author=a&files=[1,null]            | files: has a null
                    author=a&properties={%22a%22:null} | properties: has a null
                    author=a&properties={%22a%22:{}}   | properties:
                    author=a&branch=%FF%FE             | branch: is not UTF-8
                    author=a%00b                       | author: has a control character
                    author=a&branch=ma%0Ain            | branch: has a control character
                    """)
    void a_change_that_is_wrong_is_told_with_its_field(String form, String problem)
            throws Exception {
        HttpResponse<String> response = send(form);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(detail(response)).startsWith(problem);
        assertThat(changes()).isZero();
    }

    @Test
    void a_change_that_is_sent_again_is_answered_with_the_number_that_it_has() throws Exception {
        String change = "author=a&repository=https%3A%2F%2Fhost%2Fx.git&branch=main&revision=abc";
        send(change);

        HttpResponse<String> again = send(change.replace("author=a", "author=b"));

        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo("{\"changeId\":1,\"changeIds\":[],\"known\":[1]}");
        assertThat(changes()).isEqualTo(1);
    }

    @Test
    void what_people_write_arrives_as_they_wrote_it() throws Exception {
        send("author=J%C3%BCrgen+%3Cj%40example.org%3E&comments=one%0Atwo&branch=ünï");

        assertThat(change(1).author()).isEqualTo("Jürgen <j@example.org>");
        assertThat(change(1).comments()).isEqualTo("one\ntwo");
        assertThat(change(1).branch()).isEqualTo("ünï");
    }

    @Test
    void a_database_that_is_away_is_told_in_one_line_here_and_in_the_log() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger("io.buildledger");
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        served.test.dataSource.close();
        root.addAppender(logged);
        HttpResponse<String> response;
        try {
            response = send("author=a&when=0");
        } finally {
            root.detachAppender(logged);
        }

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(detail(response))
                .isEqualTo("the database does not answer; send the change again when it is back");
        assertThat(List.copyOf(logged.list))
                .filteredOn(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getLevel()).isEqualTo(Level.WARN);
                    assertThat(event.getThrowableProxy()).isNull();
                    assertThat(event.getFormattedMessage())
                            .startsWith("the database did not answer")
                            .doesNotContain("\n");
                });
    }
}
