package io.buildledger.log;

import java.util.Set;
import org.axonframework.eventhandling.GapAwareTrackingToken;
import org.axonframework.serialization.SimpleSerializedObject;
import org.axonframework.serialization.SimpleSerializedType;
import org.jspecify.annotations.Nullable;

/**
 * How far a shared {@link Follower} has read.
 *
 * @param index the highest that it has read, or -1 before the first event
 * @param gaps those below that it has not read, as they were not committed then
 */
public record LogPosition(long index, Set<Long> gaps) {

    /** Before the first event. */
    public static final LogPosition START = new LogPosition(-1, Set.of());

    private static final EventJson JSON = new EventJson();

    public LogPosition {
        gaps = Set.copyOf(gaps);
    }

    /** The position that the columns of a row of the table {@code token} hold. */
    public static LogPosition of(@Nullable String token, @Nullable String type) {
        if (token == null || type == null) {
            return START;
        }
        Object position =
                JSON.deserialize(
                        new SimpleSerializedObject<>(
                                token, String.class, new SimpleSerializedType(type, null)));
        if (position instanceof GapAwareTrackingToken read) {
            return new LogPosition(read.getIndex(), read.getGaps());
        }
        throw new IllegalStateException("a follower's position is a " + type);
    }

    /** The index up to which nothing is missing. */
    public long complete() {
        return gaps.stream().mapToLong(gap -> gap - 1).reduce(index, Math::min);
    }

    public boolean covers(long event) {
        return event <= index && !gaps.contains(event);
    }
}
