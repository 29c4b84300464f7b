package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.log.Recorded;
import java.time.Instant;
import org.axonframework.messaging.MetaData;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ViewProjectionTest {

    @ParameterizedTest
    @MethodSource("io.buildledger.log.EventContractTest#events")
    void what_changes_a_row_is_among_those_that_are_shown(Object event) {
        Recorded recorded =
                new Recorded("stream", 0, event, Instant.EPOCH, MetaData.emptyInstance());

        assertThat(ViewProjection.SHOWN.contains(event.getClass()))
                .isEqualTo(!ViewProjection.of(recorded).isEmpty());
    }
}
