package io.buildledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultPlanTest {

    private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);

    private static FaultPlan plan(long seed, int requests, Set<FaultKind> kinds) {
        return FaultPlan.of(seed, 4, requests, kinds, Duration.ofMinutes(2));
    }

    @Test
    void the_same_seed_makes_the_same_plan_and_another_another() {
        assertThat(plan(7, 10_000, ALL)).isEqualTo(plan(7, 10_000, ALL));
        assertThat(plan(7, 10_000, ALL).faults()).isNotEqualTo(plan(8, 10_000, ALL).faults());
    }

    @ParameterizedTest
    @EnumSource
    void every_kind_is_planned_when_it_is_asked_for_and_nothing_else(FaultKind kind) {
        assertThat(plan(1, 100, Set.of(kind)).faults())
                .isNotEmpty()
                .allMatch(fault -> fault.kind() == kind);
    }

    @Test
    void faults_are_in_their_order_and_leave_the_end_in_peace() {
        FaultPlan plan = plan(3, 10_000, ALL);

        assertThat(plan.faults())
                .isSortedAccordingTo(Comparator.comparingDouble(Fault::at))
                .allMatch(fault -> fault.at() >= 0 && fault.at() <= 0.9);
    }

    @Test
    void a_master_is_stopped_for_longer_than_its_lease() {
        assertThat(plan(3, 10_000, Set.of(FaultKind.STOP)).faults())
                .isNotEmpty()
                .allSatisfy(fault ->
                        assertThat(((Fault.Stop) fault).stoppedFor())
                                .isGreaterThan(FaultPlan.LEASE));
    }

    @Test
    void more_requests_make_more_kills() {
        Set<FaultKind> kills = Set.of(FaultKind.KILL);

        assertThat(plan(3, 10_000, kills).faults())
                .hasSizeGreaterThan(plan(3, 1_000, kills).faults().size());
    }
}
