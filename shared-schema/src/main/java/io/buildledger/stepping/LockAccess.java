package io.buildledger.stepping;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.buildledger.domain.locking.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * A lock that a build or a step takes; its name alone takes all of it.
 *
 * @param name of one of the file's {@code locks}
 * @param mode default {@code exclusive}
 * @param count how much of the lock, if it is not taken alone; default 1
 */
public record LockAccess(String name, Mode mode, Integer count) {

    /** How a lock is taken. */
    public enum Mode {
        /** Alone. */
        @JsonProperty("exclusive")
        EXCLUSIVE,
        /** Beside others, as long as there is enough of it. */
        @JsonProperty("counting")
        COUNTING;

        /** The same in the words of the log. */
        public LockMode toDomain() {
            return switch (this) {
                case EXCLUSIVE -> LockMode.EXCLUSIVE;
                case COUNTING -> LockMode.COUNTING;
            };
        }
    }

    @JsonCreator
    public LockAccess(String name, @Nullable Mode mode, @Nullable Integer count) {
        this.name = name;
        this.mode = mode == null ? Mode.EXCLUSIVE : mode;
        this.count = count == null ? 1 : count;
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static LockAccess of(String name) {
        return new LockAccess(name, null, null);
    }
}
