package io.buildledger.scheduler.tracing;

import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Streams;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.api.trace.TraceState;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A trace and the ids of its spans. They follow from what the log says of the buildset that it
 * begins with, so that whoever sends it, and however often, it is the same trace. That buildset's
 * time is a part of it, because the numbers of two clusters are the same.
 *
 * @param id 32 hexadecimal digits
 */
record Trace(String id) {

    /** The trace of a buildset that no build has asked for, and of all that its builds ask for. */
    static Trace of(BuildsetSubmitted first) {
        return new Trace(
                digits(
                        TraceId.getLength(),
                        "%s %s %s"
                                .formatted(
                                        Streams.buildset(first.buildsetId()),
                                        first.submittedAt(),
                                        first.scheduler())));
    }

    SpanContext buildset(long buildsetId) {
        return span(Streams.buildset(buildsetId));
    }

    /** From what a buildset followed from to its submission. */
    SpanContext scheduling(long buildsetId) {
        return span(Streams.buildset(buildsetId) + "/scheduling");
    }

    SpanContext request(long requestId) {
        return span(Streams.buildRequest(requestId));
    }

    /**
     * @param waiting the how-manieth time that the request waits, from 1
     */
    SpanContext waiting(long requestId, int waiting) {
        return span(Streams.buildRequest(requestId) + "/waiting/" + waiting);
    }

    SpanContext build(String builder, long buildNumber) {
        return span(Streams.build(builder, buildNumber));
    }

    SpanContext step(String builder, long buildNumber, int step) {
        return span(Streams.build(builder, buildNumber) + "/step/" + step);
    }

    private SpanContext span(String name) {
        return SpanContext.create(
                id,
                digits(SpanId.getLength(), id + " " + name),
                TraceFlags.getSampled(),
                TraceState.getDefault());
    }

    private static String digits(int count, String text) {
        return DigestUtils.sha256Hex(text).substring(0, count);
    }
}
