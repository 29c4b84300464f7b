package io.buildledger.builder.claiming;

import io.buildledger.configuring.BuilderFingerprint;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.mastering.PublishedBuilders;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which builders this master leaves to others, because they build something newer for them. It asks
 * the database only after something has happened to a master; so between another master's word and
 * this one's hearing of it, a {@code db_poll_interval} at most, a claim by the former fingerprint
 * can still be won. Not thread-safe but for {@link #look}.
 */
final class FingerprintWatch {

    private static final Logger LOG = LoggerFactory.getLogger(FingerprintWatch.class);

    private final Supplier<Map<String, Fingerprints>> diverging;
    private volatile boolean isStale = true;
    private Map<String, Fingerprints> known = Map.of();

    /** What the log of this master says of each builder. */
    private Map<String, String> told = Map.of();

    FingerprintWatch(PublishedBuilders published) {
        this(published::diverging);
    }

    /**
     * @param diverging the builders for which living masters build different things
     */
    FingerprintWatch(Supplier<Map<String, Fingerprints>> diverging) {
        this.diverging = diverging;
    }

    /** Something has happened to a master. */
    void look() {
        isStale = true;
    }

    /**
     * The builders that a configuration does not claim for now; and tells what has changed.
     *
     * @throws RuntimeException of the database; it is asked again next time
     */
    Set<String> refused(ConfiguredBuilders configured) {
        if (isStale) {
            isStale = false;
            try {
                known = diverging.get();
            } catch (RuntimeException | Error e) {
                isStale = true;
                throw e;
            }
        }
        if (known.isEmpty() && told.isEmpty()) {
            return Set.of();
        }
        Map<String, String> now = new TreeMap<>();
        known.forEach((builder, fingerprints) -> {
            if (configured.names().contains(builder)) {
                now.put(builder, told(builder, fingerprints, configured));
            }
        });
        now.forEach((builder, words) -> {
            if (!words.equals(told.get(builder))) {
                LOG.warn("builder {} DIVERGES: {}", builder, words);
            }
        });
        told.keySet().stream()
                .filter(builder -> !now.containsKey(builder))
                .forEach(builder ->
                        LOG.warn(
                                "builder {} diverges no more, as far as this master sees",
                                builder));
        told = now;
        return now.keySet().stream()
                .filter(builder -> isRefused(builder, configured))
                .collect(Collectors.toUnmodifiableSet());
    }

    private boolean isRefused(String builder, ConfiguredBuilders configured) {
        Fingerprints fingerprints = known.get(builder);
        return configured.builderFingerprint() == BuilderFingerprint.REFUSE
                && fingerprints != null
                && fingerprints.refuse(configured.fingerprintOf(builder));
    }

    private String told(String builder, Fingerprints fingerprints, ConfiguredBuilders configured) {
        return fingerprints.told()
                + (isRefused(builder, configured)
                        ? "; builder_fingerprint: refuse, so this master claims nothing for it until it has "
                                + fingerprints.newest().orElseThrow()
                        : "; this master goes on by its own file");
    }
}
