package io.buildledger.sealing;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that is not as it was sealed.
 *
 * @param block number of the block
 * @param index of the event in the log, or of the first of several; null where it is not about
 *     events
 * @param event its place, where an event stands there now
 * @param what in a sentence
 */
public record ChainFinding(
        Kind kind, long block, @Nullable Long index, @Nullable Place event, String what) {

    /** What has happened, as far as can be told. */
    public enum Kind {
        /** An event is not what was sealed at its index. */
        ALTERED,
        /** What was sealed is not there any more. */
        DELETED,
        /** There is more than was sealed. */
        INSERTED,
        /** What was sealed at one index stands at another. */
        REORDERED,
        /** A row of the chain is not what it was. */
        CHAIN_CHANGED,
        /** Rows of the chain are not there any more. */
        CHAIN_MISSING,
        /** The chain ends before a checkpoint. */
        CHAIN_SHORTER,
        /** The chain is in itself sound, but does not go through a checkpoint. */
        CHAIN_REPLACED,
        /** The checkpoint is not of this log. */
        OTHER_LOG;

        /** Its name in JSON. */
        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** Where an event stands on its stream. */
    public record Place(String stream, long sequence) {

        @Override
        @JsonValue
        public String toString() {
            return stream + "@" + sequence;
        }
    }
}
