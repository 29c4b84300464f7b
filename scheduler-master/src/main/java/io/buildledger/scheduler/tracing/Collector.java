package io.buildledger.scheduler.tracing;

import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.List;

/** Where spans are sent. */
interface Collector extends AutoCloseable {

    /** What became of what was sent. */
    sealed interface Answer {

        /** The collector has it. */
        record Taken() implements Answer {}

        /** The collector has taken it, and has thrown some of it away, or warns. */
        record TakenInPart(PartialSuccess said) implements Answer {}

        /** The collector will never take it. */
        record Refused(String why) implements Answer {}

        /** The collector may take it another time. */
        record Unavailable(String why) implements Answer {}

        /** Nobody waits for the answer any more, and whether the collector has it is not known. */
        record Abandoned() implements Answer {}
    }

    /** Sends spans, and waits for the answer; for twelve seconds at the most. */
    Answer send(List<SpanData> spans);

    /** Nobody waits for an answer any more. */
    @Override
    void close();
}
