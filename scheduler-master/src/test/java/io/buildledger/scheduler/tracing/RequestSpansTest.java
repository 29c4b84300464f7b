package io.buildledger.scheduler.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.building.BuildEvent.StepFinished;
import io.buildledger.domain.building.BuildEvent.StepStarted;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCancelled;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCollapsed;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestCompleted;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestExpired;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestGivenUp;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestPriorityChanged;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestReleased;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequested;
import io.buildledger.domain.requesting.BuildRequestEvent.BuildStarted;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Recorded;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestSpansTest {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final Trace TRACE = new Trace("0af7651916cd43dd8448eb211c80319c");

    private final List<Recorded> events = new ArrayList<>();
    private final List<Recorded> steps = new ArrayList<>();

    private RequestSpansTest at(int second, Object event) {
        events.add(recorded(second, event));
        return this;
    }

    private static Recorded recorded(int second, Object event) {
        return new Recorded("s", 0, event, NOON.plusSeconds(second), Map.of());
    }

    private RequestSpansTest requested() {
        return at(0, new BuildRequested(7, 3, "linux", 0, NOON, null));
    }

    private RequestSpansTest claimed(int second, int attempt, String master) {
        return at(
                second,
                new BuildRequestClaimed(
                        7, "linux", attempt, master, 1, attempt, "w1", "f00d", 3, null));
    }

    private List<SpanData> spans() {
        return RequestSpans.of(
                events,
                build -> build.buildNumber() == 1 ? steps : List.of(),
                TRACE,
                TRACE.buildset(3));
    }

    /** A line each: what, from which second to which, with which results, and why it failed. */
    private List<String> told() {
        return spans().stream()
                .map(it ->
                        "%s %d-%d %s %s"
                                .formatted(
                                        it.getName(),
                                        second(it.getStartEpochNanos()),
                                        second(it.getEndEpochNanos()),
                                        it.getAttributes().get(SpanAttributes.RESULTS),
                                        it.getStatus().getStatusCode() == StatusCode.ERROR
                                                ? it.getStatus().getDescription()
                                                : ""))
                .map(String::strip)
                .toList();
    }

    private static long second(long nanos) {
        return Duration.ofNanos(nanos).minusSeconds(NOON.getEpochSecond()).toSeconds();
    }

    @Test
    void a_request_waits_and_is_built_until_a_build_counts() {
        requested()
                .claimed(10, 1, "b1")
                .at(11, new BuildStarted(7, 1))
                .at(20, new BuildRequestReleased(7, 1, "s", "master b1 is gone", null))
                .at(22, new BuildRequestPriorityChanged(7, 5, "alice"))
                .claimed(25, 2, "b2")
                .at(60, new BuildRequestCompleted(7, 2, Results.SUCCESS, "build successful"));

        assertThat(told())
                .containsExactly(
                        "request linux 0-60 SUCCESS",
                        "waiting 0-10 null",
                        "BUILD linux 10-20 RETRY master b1 is gone",
                        "waiting 20-25 null",
                        "BUILD linux 25-60 SUCCESS");
        SpanData whole = spans().getFirst();
        assertThat(whole.getParentSpanContext()).isEqualTo(TRACE.buildset(3));
        assertThat(whole.getAttributes().get(SpanAttributes.PRIORITY)).isEqualTo(5);
        assertThat(spans().stream().skip(1))
                .allMatch(it -> it.getParentSpanContext().equals(whole.getSpanContext()));
        assertThat(spans().get(4).getAttributes().asMap())
                .containsEntry(SpanAttributes.MASTER, "b2")
                .containsEntry(SpanAttributes.WORKER, "w1")
                .containsEntry(SpanAttributes.PIPELINE_RUN, "linux/2")
                .containsEntry(SpanAttributes.PIPELINE_RESULT, "success")
                .containsEntry(SpanAttributes.ATTEMPT, 2L);
    }

    @Test
    void steps_are_within_their_build_and_one_that_had_not_ended_is_cut_off_with_it() {
        steps.add(recorded(11, new StepStarted("linux", 1, 1, "fetch")));
        steps.add(
                recorded(
                        15,
                        new StepFinished(
                                "linux", 1, 1, Results.FAILURE, 2, "no such branch", true)));
        steps.add(recorded(15, new StepStarted("linux", 1, 2, "build")));
        steps.add(recorded(40, new StepFinished("linux", 1, 2, Results.CANCELLED, null, "", null)));
        steps.add(recorded(40, new StepStarted("linux", 1, 3, "clean up")));
        requested().claimed(10, 1, "b1").at(30, new BuildRequestCancelled(7, "alice", "typo"));

        assertThat(told())
                .containsExactly(
                        "request linux 0-30 CANCELLED",
                        "waiting 0-10 null",
                        "BUILD linux 10-30 CANCELLED",
                        "fetch 11-15 FAILURE no such branch",
                        "build 15-30 null");
        assertThat(spans().get(3).getParentSpanContext()).isEqualTo(TRACE.build("linux", 1));
        assertThat(spans().get(3).getAttributes().asMap())
                .containsEntry(SpanAttributes.EXIT_CODE, 2L)
                .containsEntry(SpanAttributes.HIDDEN, true)
                .containsEntry(SpanAttributes.ERROR, "failure");
        assertThat(spans().get(4).getAttributes().asMap())
                .containsEntry(SpanAttributes.INTERRUPTED, true);
    }

    @Test
    void a_request_that_nobody_builds_has_waited_to_its_end() {
        requested().at(30, new BuildRequestCollapsed(7, 8, "request 8 builds it"));
        assertThat(told()).containsExactly("request linux 0-30 SKIPPED", "waiting 0-30 null");

        events.clear();
        requested().at(30, new BuildRequestExpired(7, 30_000));
        assertThat(told())
                .containsExactly(
                        "request linux 0-30 EXCEPTION nobody claimed it within its queue timeout",
                        "waiting 0-30 null");
    }

    @Test
    void a_request_that_is_given_up_waits_for_nothing_after_its_last_build() {
        requested()
                .claimed(10, 1, "b1")
                .at(20, new BuildRequestReleased(7, 1, "s", "master b1 is gone", null))
                .at(21, new BuildRequestGivenUp(7, 1, "master b1 is gone"));

        assertThat(told())
                .containsExactly(
                        "request linux 0-21 EXCEPTION master b1 is gone",
                        "waiting 0-10 null",
                        "BUILD linux 10-20 RETRY master b1 is gone");
    }

    @Test
    void what_has_not_ended_and_what_came_after_the_end_is_not_told() {
        requested().claimed(10, 1, "b1");
        assertThat(spans()).isEmpty();

        at(20, new BuildRequestCompleted(7, 1, Results.SUCCESS, "build successful"));
        List<String> told = told();
        at(30, new BuildRequestPriorityChanged(7, 9, "alice"));
        at(40, new BuildRequestCompleted(7, 1, Results.FAILURE, "damaged"));
        assertThat(told()).isEqualTo(told);
    }

    @Test
    void a_clock_that_was_put_back_makes_no_span_of_negative_length() {
        requested()
                .claimed(10, 1, "b1")
                .at(5, new BuildRequestCompleted(7, 1, Results.SUCCESS, "build successful"));

        assertThat(told())
                .containsExactly(
                        "request linux 0-5 SUCCESS",
                        "waiting 0-10 null",
                        "BUILD linux 10-10 SUCCESS");
    }

    @Test
    void ids_follow_from_the_log_and_differ_wherever_it_does() {
        assertThat(Trace.of(buildset(3, "main", NOON)))
                .isEqualTo(Trace.of(buildset(3, "main", NOON)))
                .isNotEqualTo(Trace.of(buildset(4, "main", NOON)))
                // The numbers of another cluster are the same.
                .isNotEqualTo(Trace.of(buildset(3, "main", NOON.plusNanos(1_000))));
        List<SpanContext> ids =
                List.of(
                        TRACE.buildset(1),
                        TRACE.scheduling(1),
                        TRACE.request(1),
                        TRACE.waiting(1, 1),
                        TRACE.waiting(1, 2),
                        TRACE.build("linux", 1),
                        TRACE.build("docs", 1),
                        TRACE.step("linux", 1, 1),
                        TRACE.step("linux", 1, 2));
        assertThat(ids).allMatch(SpanContext::isValid).allMatch(SpanContext::isSampled);
        assertThat(ids.stream().map(SpanContext::getSpanId).collect(Collectors.toSet()))
                .hasSameSizeAs(ids);
    }

    private static BuildsetSubmitted buildset(long id, String scheduler, Instant at) {
        @Nullable String externalId = null;
        return new BuildsetSubmitted(
                id,
                scheduler,
                1,
                "",
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                at,
                false,
                null,
                externalId,
                null);
    }
}
