package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Numbered;
import io.buildledger.log.Recorded;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BundleStepsTest {

    private static final String WEB = "http://127.0.0.1:8010";

    private final List<Numbered> events =
            List.of(
                    event(
                            3,
                            "master/b1",
                            0,
                            "master-started",
                            new MasterStarted("b1", 1, "builder", "host", 7, Map.of())),
                    event(
                            7,
                            "build-request/41",
                            0,
                            "build-requested",
                            new BuildRequested(41, 5, "linux", 0, Instant.EPOCH, null)),
                    event(
                            8,
                            "build-request/41",
                            1,
                            "build-request-claimed",
                            new BuildRequestClaimed(
                                    41, "linux", 12, "b1", 1, 1, "w", "f00d", 3, null)),
                    event(
                            20,
                            "build/linux/12",
                            0,
                            "build-painted",
                            new NewerEvent("build/linux/12", 0, "build-painted", "1")));

    private static Numbered event(
            long index, String stream, long sequence, String type, Object event) {
        return new Numbered(
                index, type, new Recorded(stream, sequence, event, Instant.EPOCH, Map.of()));
    }

    private List<String> told(String typed, long first) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        new BundleSteps(
                        events,
                        new Narrator(out, WEB, "bin/buildledger", _ -> {}),
                        new BufferedReader(new StringReader(typed)),
                        out)
                .run(first);
        return printed.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void each_event_is_told_with_what_is_open_after_it() {
        assertThat(told("", 0))
                .anyMatch(
                        line -> line.endsWith("event 8  build-request/41@1  build-request-claimed"))
                .anyMatch(line -> line.contains("request 41 by b1 (epoch 1, attempt 1)"))
                .containsSubsequence(
                        "             queued: -; claimed: -; masters: b1",
                        "             queued: 41; claimed: -; masters: b1",
                        "             queued: -; claimed: 41 by b1 (linux/12); masters: b1",
                        "event 20  build/linux/12@0  build-painted (of a newer program)",
                        "that were all 4 events");
    }

    @Test
    void it_goes_on_as_far_as_it_is_told_to() {
        assertThat(prompts(told("\n\n\n\n", 0))).isEqualTo(4);
        assertThat(prompts(told("8\na\n", 0))).isEqualTo(2);
        assertThat(prompts(told("a\n", 8))).isEqualTo(1);
        assertThat(prompts(told("", 20))).isZero();
        assertThat(told("x\na\n", 0)).anyMatch(line -> line.contains("'x' is neither"));
    }

    private static long prompts(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("[enter")).count();
    }
}
