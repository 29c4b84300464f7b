package io.buildledger.verifying;

import io.buildledger.log.Author;
import io.buildledger.log.Recorded;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An event that shows something.
 *
 * @param by who wrote it; null where the log does not say
 */
record Witness(String stream, long sequence, @Nullable Author by, Instant at) {

    static Witness of(Recorded recorded) {
        return new Witness(
                recorded.stream(), recorded.sequence(), author(recorded.metadata()), recorded.at());
    }

    private static @Nullable Author author(Map<String, Object> metadata) {
        return metadata.get("master") instanceof String master
                        && metadata.get("epoch") instanceof Number epoch
                ? new Author(master, epoch.longValue())
                : null;
    }

    boolean isBy(Author author) {
        return author.equals(by);
    }

    String writer() {
        return by == null ? "an unknown master" : by.owner();
    }
}
