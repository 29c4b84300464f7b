package io.buildledger.domain.mastering;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The fingerprints of one builder that the living masters have published. Whoever knows the same of
 * them decides the same.
 */
public record Fingerprints(List<PublishedFingerprint> published) {

    private static final Comparator<PublishedFingerprint> BY_AGE =
            Comparator.comparing(PublishedFingerprint::since)
                    .thenComparing(PublishedFingerprint::fingerprint)
                    .thenComparing(PublishedFingerprint::master);

    /** In the order of the masters' names, whatever order they come in. */
    public Fingerprints {
        published =
                published.stream()
                        .sorted(Comparator.comparing(PublishedFingerprint::master))
                        .toList();
    }

    /** Whether masters would build different things for the builder. */
    public boolean diverge() {
        return published.stream().map(PublishedFingerprint::fingerprint).distinct().count() > 1;
    }

    /**
     * The one that a master published last, of those that claim; of two at the same moment the
     * greater text. Empty if none of the masters claims.
     */
    public Optional<String> newest() {
        return published.stream()
                .filter(PublishedFingerprint::claims)
                .max(BY_AGE)
                .map(PublishedFingerprint::fingerprint);
    }

    /** Whether a master that builds by this fingerprint leaves the builder to others. */
    public boolean refuse(String own) {
        return newest().filter(newest -> !newest.equals(own)).isPresent();
    }

    /** As in {@code b1 0123456789ab, b2 cafe00112233}. */
    public String told() {
        return published.stream()
                .map(it -> it.master() + " " + it.fingerprint())
                .collect(Collectors.joining(", "));
    }
}
