package io.buildledger.verifying;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.log.EventNames;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HistoryTest {

    @ParameterizedTest
    @MethodSource("io.buildledger.log.EventContractTest#events")
    void an_event_of_every_type_is_judged(Object event) {
        String type = EventNames.nameOf(event.getClass()).orElseThrow();
        Recorded recorded = new Recorded("elsewhere/1", 0, event, Instant.EPOCH, Map.of());

        boolean isKnown = new History(new Findings()).next(new Numbered(1, type, recorded));

        assertThat(isKnown).isTrue();
    }
}
