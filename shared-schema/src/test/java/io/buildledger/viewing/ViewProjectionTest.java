package io.buildledger.viewing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.log.Recorded;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import org.axonframework.messaging.MetaData;
import org.junit.jupiter.api.Test;
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

    /** By the interface that the event is of, which is named for its stream. */
    @Test
    void the_kinds_that_are_shown_are_those_of_the_events_that_are() {
        assertThat(ViewProjection.KINDS_SHOWN)
                .isEqualTo(
                        ViewProjection.SHOWN.stream()
                                .map(event -> event.getInterfaces()[0].getSimpleName())
                                .map(ViewProjectionTest::kind)
                                .collect(Collectors.toSet()));
    }

    /** {@code build-request} of {@code BuildRequestEvent}. */
    private static String kind(String name) {
        return name.replaceFirst("Event$", "")
                .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }
}
