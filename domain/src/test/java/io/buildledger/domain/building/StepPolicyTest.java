package io.buildledger.domain.building;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepPolicyTest {

    private static final StepPolicy FLUNK = new StepPolicy(false, true, false, false, true, false);
    private static final StepPolicy WARN = new StepPolicy(false, false, true, false, true, false);
    private static final StepPolicy IGNORE =
            new StepPolicy(false, false, false, false, true, false);
    private static final StepPolicy HALT = new StepPolicy(true, true, false, false, true, false);

    @Test
    void a_failed_step_makes_of_the_build_what_its_policy_says() {
        assertThat(FLUNK.resultOfBuild(Results.SUCCESS, Results.FAILURE))
                .isEqualTo(Results.FAILURE);
        assertThat(WARN.resultOfBuild(Results.SUCCESS, Results.FAILURE))
                .isEqualTo(Results.WARNINGS);
        assertThat(IGNORE.resultOfBuild(Results.SUCCESS, Results.FAILURE))
                .isEqualTo(Results.SUCCESS);
    }

    @Test
    void a_build_never_gets_better() {
        assertThat(FLUNK.resultOfBuild(Results.FAILURE, Results.SUCCESS))
                .isEqualTo(Results.FAILURE);
        assertThat(FLUNK.resultOfBuild(Results.EXCEPTION, Results.FAILURE))
                .isEqualTo(Results.EXCEPTION);
    }

    @Test
    void only_a_failure_with_halt_on_failure_or_something_worse_halts() {
        assertThat(FLUNK.halts(Results.FAILURE)).isFalse();
        assertThat(HALT.halts(Results.FAILURE)).isTrue();
        assertThat(HALT.halts(Results.WARNINGS)).isFalse();
        assertThat(IGNORE.halts(Results.EXCEPTION)).isTrue();
        assertThat(IGNORE.halts(Results.CANCELLED)).isTrue();
    }

    @Test
    void severities_are_what_the_database_compares() {
        for (Results results : Results.values()) {
            assertThat(Results.ofSeverity(results.severity())).isEqualTo(results);
        }
        assertThat(Results.SKIPPED.worse(Results.SUCCESS)).isEqualTo(Results.SUCCESS);
    }
}
