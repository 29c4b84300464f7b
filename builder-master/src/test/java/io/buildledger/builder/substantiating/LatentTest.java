package io.buildledger.builder.substantiating;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.attaching.Backoff;
import io.buildledger.domain.attaching.Substantiation.Limits;
import io.buildledger.substantiating.DockerLatentWorker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LatentTest {

    @ParameterizedTest
    @CsvSource({"0, 0, 10, 10", "1, 4, 10, 10", "1, 3600, 10, 3600", "30, 3600, 30, 3600"})
    void a_start_that_failed_is_followed_by_ten_seconds_of_rest_at_least(
            long first, long most, long firstRest, long longestRest) {
        Latent latent =
                new Latent(
                        "w1",
                        "secret",
                        new DockerLatentWorker("image", "docker", List.of(), Map.of(), null),
                        new Limits(Duration.ZERO, Duration.ZERO),
                        new Backoff(Duration.ofSeconds(first), Duration.ofSeconds(most)));

        assertThat(latent.backoff())
                .isEqualTo(
                        new Backoff(
                                Duration.ofSeconds(firstRest), Duration.ofSeconds(longestRest)));
    }
}
