package io.buildledger.mastering;

import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A builder as the living masters that have it describe it.
 *
 * @param tags of these, {@code description}, {@code policy} and {@code project}: those of the
 *     master that published last, where masters differ
 * @param policy how its requests and workers are chosen; null where that is as usual
 * @param fingerprint the one that was published last by a master that claims; null if none claims,
 *     or all that do are of a former program
 * @param diverges whether masters build different things for it
 * @param masters that have said what they build, by name
 */
public record PublishedBuilder(
        String name,
        List<String> tags,
        @Nullable String description,
        @Nullable String policy,
        @Nullable Project project,
        @Nullable String fingerprint,
        boolean diverges,
        List<PublishedFingerprint> masters) {

    /** A project and what people are told of it. */
    public record Project(String name, @Nullable String description, @Nullable String url) {}

    /** One that no living master has. */
    public static PublishedBuilder ofNobody(String name) {
        return new PublishedBuilder(name, List.of(), null, null, null, new Fingerprints(List.of()));
    }

    PublishedBuilder(
            String name,
            List<String> tags,
            @Nullable String description,
            @Nullable String policy,
            @Nullable Project project,
            Fingerprints fingerprints) {
        this(
                name,
                tags,
                description,
                policy,
                project,
                fingerprints.newest().orElse(null),
                fingerprints.diverge(),
                fingerprints.published());
    }
}
