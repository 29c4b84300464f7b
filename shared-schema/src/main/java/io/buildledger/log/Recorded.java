package io.buildledger.log;

import java.time.Instant;
import java.util.Map;

/**
 * An event as the log has it.
 *
 * @param event one of the domain's events, or {@link NewerEvent} where a newer program wrote it;
 *     for who judges or tells, also {@link Unreadable}
 * @param at when it was recorded, on the database's clock
 * @param metadata who wrote it and why: {@code master}, {@code epoch} and, if any, {@code cause}
 */
public record Recorded(
        String stream, long sequence, Object event, Instant at, Map<String, Object> metadata) {

    /**
     * The event, for who decides by it.
     *
     * @throws NewerProgramException if this program does not understand it
     */
    public Object understood() {
        if (event instanceof NewerEvent newer) {
            throw newer.refused();
        }
        return event;
    }

    /** The event's name in other events' {@code cause}. */
    public String id() {
        return stream + "@" + sequence;
    }
}
