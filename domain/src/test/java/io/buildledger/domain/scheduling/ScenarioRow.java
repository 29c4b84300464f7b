package io.buildledger.domain.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;

/** A row of a scheduler's table: a sentence that says what is so, and what shows it. */
record ScenarioRow(String sentence, Supplier<SchedulerScenario> scenario, String outcome) {

    static ScenarioRow row(String sentence, Scheduler scheduler, String words, String outcome) {
        return row(sentence, () -> SchedulerScenario.given(scheduler).when(words), outcome);
    }

    static ScenarioRow row(String sentence, Supplier<SchedulerScenario> scenario, String outcome) {
        return new ScenarioRow(sentence, scenario, outcome);
    }

    void holds() {
        assertThat(scenario.get().outcome()).isEqualTo(outcome);
    }

    @Override
    public String toString() {
        return sentence;
    }
}
