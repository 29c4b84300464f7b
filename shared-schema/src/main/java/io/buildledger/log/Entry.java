package io.buildledger.log;

import io.buildledger.domain.requesting.BuildRequestEvent;

/**
 * An event and its place.
 *
 * @param sequence position on the stream, from 0; the log takes it only if nothing is there
 */
public record Entry(String stream, long sequence, Object event) {

    public static Entry of(long sequence, BuildRequestEvent event) {
        return new Entry(Streams.buildRequest(event.requestId()), sequence, event);
    }

    /** The event's name in other events' {@code cause}. */
    public String id() {
        return stream + "@" + sequence;
    }
}
