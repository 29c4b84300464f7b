package io.buildledger.domain.choosing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NextWorkerTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    FIRST_FREE | b:2 a:0 c:1 | c | b a c
                    LEAST_BUSY | b:2 a:0 c:1 | b | a c b
                    LEAST_BUSY | b:1 a:1 c:0 |   | c b a
                    LAST_USED  | b:2 a:0 c:1 | c | c b a
                    LAST_USED  | b:2 a:0     | c | b a
                    LAST_USED  | b:2 a:0     |   | b a
                    FIRST_FREE |             | a |
                    """)
    void workers_are_tried_in_this_order(
            NextWorker next,
            @Nullable String free,
            @Nullable String lastUsed,
            @Nullable String order) {
        List<FreeWorker> workers =
                Stream.ofNullable(free)
                        .flatMap(it -> Stream.of(it.split(" ")))
                        .map(it -> it.split(":"))
                        .map(it -> new FreeWorker(it[0], Integer.parseInt(it[1])))
                        .toList();

        assertThat(String.join(" ", next.order(workers, lastUsed)))
                .isEqualTo(Objects.requireNonNullElse(order, ""));
    }
}
