package io.buildledger.domain.requesting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Buildset.Completed;
import io.buildledger.domain.requesting.Buildset.Open;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetCompleted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BuildsetTest {

    private static final BuildsetSubmitted SUBMITTED =
            new BuildsetSubmitted(
                    1,
                    "main",
                    1,
                    "scheduler main fired for 1 change",
                    List.of(new SourceStamp("https://example.org/app.git", "main", "abc", "", "")),
                    List.of(1L),
                    Map.of(),
                    Map.of("linux", 1L, "docs", 2L),
                    Instant.parse("2026-01-01T12:00:00Z"),
                    false,
                    null,
                    null,
                    null);

    private static Open open() {
        return (Open) Buildset.evolve(Buildset.UNKNOWN, SUBMITTED);
    }

    @Test
    void it_is_completed_with_the_worst_of_its_requests_results() {
        Open ended = open().ended(1, Results.FAILURE).ended(2, Results.SUCCESS);

        assertThat(Buildset.evolve(ended, new BuildsetCompleted(1, Results.FAILURE)))
                .isEqualTo(new Completed(Results.FAILURE));
        assertThatThrownBy(() -> Buildset.evolve(ended, new BuildsetCompleted(1, Results.SUCCESS)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void it_is_not_completed_while_one_of_its_requests_is_open() {
        Open one = open().ended(1, Results.SUCCESS);

        assertThatThrownBy(() -> Buildset.evolve(one, new BuildsetCompleted(1, Results.SUCCESS)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void it_is_submitted_once() {
        assertThatThrownBy(() -> Buildset.evolve(open(), SUBMITTED))
                .isInstanceOf(IllegalTransition.class);
    }
}
