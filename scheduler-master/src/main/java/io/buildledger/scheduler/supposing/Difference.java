package io.buildledger.scheduler.supposing;

import io.buildledger.domain.changing.SourceStamp;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration decides otherwise than the cluster did.
 *
 * @param kind what differs
 * @param at when that was recorded because of which it was decided
 * @param scheduler as the configuration calls it, or the log, if it is not in the configuration
 * @param changes numbers of the changes that the buildset is for, oldest first
 * @param stamps what is built, by codebase
 * @param builders those of the buildset that would have been made, or else of the one that was
 * @param buildset number of the one that was made; null if none was
 * @param details what is otherwise, in words; empty unless both were made
 */
public record Difference(
        Kind kind,
        Instant at,
        String scheduler,
        List<Long> changes,
        List<SourceStamp> stamps,
        List<String> builders,
        @Nullable Long buildset,
        List<String> details) {

    /** What differs. */
    public enum Kind {
        WOULD_MAKE,
        WOULD_NOT_MAKE,
        WOULD_MAKE_OTHERWISE
    }

    public Difference {
        changes = List.copyOf(changes);
        stamps = List.copyOf(stamps);
        builders = List.copyOf(builders);
        details = List.copyOf(details);
    }

    /** One line for people; names and values are as they are, and may hold anything. */
    public String line() {
        String subject = "%s %s, %s".formatted(at, scheduler, subject());
        return switch (kind) {
            case WOULD_MAKE ->
                    "+ %s: would have made a buildset on %s"
                            .formatted(subject, String.join(" ", builders));
            case WOULD_NOT_MAKE ->
                    "- %s: would not have made buildset %d on %s"
                            .formatted(subject, buildset, String.join(" ", builders));
            case WOULD_MAKE_OTHERWISE ->
                    "~ %s: would have made buildset %d otherwise: %s"
                            .formatted(subject, buildset, String.join("; ", details));
        };
    }

    private String subject() {
        return switch (changes.size()) {
            case 0 -> "no changes, " + told(stamps);
            case 1 -> "change " + changes.getFirst();
            default ->
                    "changes "
                            + changes.stream()
                                    .map(String::valueOf)
                                    .collect(Collectors.joining(" "));
        };
    }

    /** Source stamps in words. */
    static String told(List<SourceStamp> stamps) {
        return stamps.isEmpty()
                ? "no sources"
                : stamps.stream().map(Difference::told).collect(Collectors.joining(", "));
    }

    private static String told(SourceStamp stamp) {
        String codebase = stamp.codebase().isEmpty() ? "" : stamp.codebase() + ": ";
        String repository = stamp.repository().isEmpty() ? "" : " of " + stamp.repository();
        return codebase
                + (stamp.branch() == null ? "the default branch" : "branch " + stamp.branch())
                + (stamp.revision() == null ? "" : " at " + stamp.revision())
                + repository
                + (stamp.patch() == null ? "" : " with a patch");
    }
}
