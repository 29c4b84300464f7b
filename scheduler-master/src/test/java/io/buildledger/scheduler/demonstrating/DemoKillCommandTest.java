package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DemoKillCommandTest {

    private static final String DEFAULT = "http://127.0.0.1:8010";
    private static final String SECOND = "http://127.0.0.1:40001";
    private static final String THIRD = "http://127.0.0.1:40002";

    @Test
    void of_several_demos_the_one_that_all_commands_ask_is_meant() {
        assertThat(DemoKillCommand.choose(List.of(SECOND, DEFAULT), null)).isEqualTo(DEFAULT);
    }

    @Test
    void the_only_demo_is_meant_wherever_its_pages_are() {
        assertThat(DemoKillCommand.choose(List.of(SECOND), null)).isEqualTo(SECOND);
    }

    @Test
    void a_demo_that_is_named_is_meant_with_or_without_a_slash() {
        assertThat(DemoKillCommand.choose(List.of(SECOND, DEFAULT), SECOND + "/"))
                .isEqualTo(SECOND);
    }

    @Test
    void of_several_demos_on_other_ports_one_must_be_named() {
        assertThatThrownBy(() -> DemoKillCommand.choose(List.of(SECOND, THIRD), null))
                .hasMessageContaining("name one with --master or BUILDLEDGER_MASTER")
                .hasMessageEndingWith(SECOND + ", " + THIRD);
    }

    @Test
    void a_demo_that_is_not_there_is_answered_with_those_that_are() {
        assertThatThrownBy(() -> DemoKillCommand.choose(List.of(DEFAULT), SECOND))
                .hasMessage(
                        "no demo of yours has its pages at %s; running are %s", SECOND, DEFAULT);
        assertThatThrownBy(() -> DemoKillCommand.choose(List.of(), null))
                .hasMessageStartingWith("no demo of yours is running");
    }
}
