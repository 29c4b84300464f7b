package io.buildledger.domain.mastering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.mastering.Life.Living;
import io.buildledger.domain.mastering.Life.Over;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LifeTest {

    private static final MasterEvent STOPPED = new MasterStopped("b1", 1);
    private static final MasterEvent LOST = new MasterLost("b1", 1, "s", "its lease ended");

    private static MasterEvent started(long epoch) {
        return new MasterStarted("b1", epoch, "builder", "host", 1, Map.of());
    }

    private static Life after(MasterEvent... events) {
        Life state = Life.BEFORE_THE_FIRST;
        for (MasterEvent event : events) {
            state = Life.evolve(state, event);
        }
        return state;
    }

    @Test
    void lives_follow_each_other_and_each_ends_once() {
        assertThat(after(started(1), STOPPED)).isEqualTo(new Over(1));
        assertThat(after(started(1), LOST, started(2))).isEqualTo(new Living(2));
        assertThatThrownBy(() -> after(started(1), LOST, STOPPED))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void an_epoch_is_neither_left_out_nor_begun_while_the_one_before_lasts() {
        assertThatThrownBy(() -> after(started(2))).isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(started(1), started(2)))
                .isInstanceOf(IllegalTransition.class);
        assertThatThrownBy(() -> after(started(1), STOPPED, started(3)))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void only_the_life_that_lasts_is_drained() {
        MasterEvent drained = new MasterDrained("b1", 1, false, "alice");

        assertThat(after(started(1), drained, new MasterUndrained("b1", 1, "alice")))
                .isEqualTo(new Living(1));
        assertThatThrownBy(() -> after(started(1), STOPPED, drained))
                .isInstanceOf(IllegalTransition.class);
    }

    @Test
    void only_the_life_that_lasts_reloads_its_configuration() {
        MasterEvent asked = new ConfigurationReloadRequested("b1", 1, "alice");
        MasterEvent reloaded =
                new ConfigurationReloaded(
                        "b1", 1, "alice", List.of("builders.docs: added"), Map.of());
        MasterEvent refused =
                new ConfigurationReloadRefused("b1", 1, "signal", List.of("there is no such file"));

        assertThat(after(started(1), asked, reloaded, refused)).isEqualTo(new Living(1));
        for (MasterEvent event : List.of(asked, reloaded, refused)) {
            assertThatThrownBy(() -> after(started(1), LOST, event))
                    .isInstanceOf(IllegalTransition.class);
            assertThatThrownBy(() -> after(started(1), LOST, started(2), event))
                    .isInstanceOf(IllegalTransition.class);
        }
    }
}
