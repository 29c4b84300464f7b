package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.archiving.Archiving;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.replaying.ReplayProgress;
import io.buildledger.testing.TestMasters;
import io.buildledger.testing.TestSealing;
import io.buildledger.testing.TestSettling;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ArchivedBuildTest {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path directory;

    private final ServedLog served = new ServedLog();

    @BeforeEach
    void archive() throws InterruptedException {
        Author b1 = served.registry.register(TestMasters.builder("b1"));
        served.story.fire(List.of(served.story.change("ann", "abc", "x")), "abc", "linux");
        served.story.build(b1, "linux", Results.SUCCESS);
        TestSettling.age(served.test, 100);
        TestSettling.settle(served.test, served.story, b1, new TestSealing(served.test, b1));
        Archiving.of(
                served.test.database,
                Instant.now().minus(Duration.ofDays(90)),
                directory,
                Archiving.EVENTS_OF_A_SEGMENT,
                ReplayProgress.NONE);
    }

    @AfterEach
    void end() {
        served.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(served.url() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Path file() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findFirst().orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/builds/linux/1", "/api/builds/linux/1", "/api/builds/linux/1/logs"})
    void its_steps_are_read_from_the_file_and_a_file_that_is_missing_is_named(String path)
            throws Exception {
        HttpResponse<String> whole = get(path);
        Path file = file();
        Files.delete(file);
        HttpResponse<String> missing = get(path);

        assertThat(served.test.count("SELECT COUNT(*) FROM event WHERE stream LIKE 'build/%'"))
                .isZero();
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).contains("test");
        assertThat(missing.statusCode()).isEqualTo(500);
        assertThat(missing.body()).contains(file.getFileName().toString(), "is not there");
    }
}
