package io.buildledger.claiming;

import io.buildledger.configuring.CollapseRequests;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetOrder;
import io.buildledger.domain.requesting.Property;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which requests of a builder ask for the same, so that one build will do. They have, of each
 * codebase, the same repository, branch and project; the same revision, too, unless both were made
 * for changes, of which the later one's sources are as new; and the same properties, but for those
 * that came with changes and those that say who asked and why.
 *
 * <p>A request that a build waits for, that has a patch, or that is a rebuild, asks for itself
 * alone.
 */
public final class Collapsing {

    /** Every request is built. */
    public static final Collapsing NEVER = new Collapsing(_ -> CollapseRequests.NEVER);

    private static final String OF_CHANGES = "Change";
    private static final Set<String> WHO_AND_WHY = Set.of("owner", "reason");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Function<String, CollapseRequests> ofBuilder;

    /**
     * @param ofBuilder what the configuration says of a builder, by its name
     */
    public Collapsing(Function<String, CollapseRequests> ofBuilder) {
        this.ofBuilder = ofBuilder;
    }

    /** Which requests ask for the same as those of an order. */
    public Keys keys(BuildsetOrder order) {
        return new Keys(order);
    }

    /** Of the requests of one order, which differ in nothing but their builders. */
    public final class Keys {
        private final BuildsetOrder order;
        private final Map<CollapseRequests, Optional<byte[]>> ofRules = new HashMap<>();

        private Keys(BuildsetOrder order) {
            this.order = order;
        }

        /**
         * What two requests of a builder have in common that ask for the same; empty for no other.
         */
        public Optional<byte[]> of(String builder) {
            return ofRules.computeIfAbsent(ofBuilder.apply(builder), rule -> key(rule, order));
        }
    }

    private static Optional<byte[]> key(CollapseRequests rule, BuildsetOrder order) {
        boolean isAlone =
                order.waitedFor()
                        || order.rebuiltFrom() != null
                        || order.sourceStamps().stream().anyMatch(it -> it.patch() != null);
        if (!rule.enabled() || isAlone) {
            return Optional.empty();
        }
        boolean isForChanges = !order.changeIds().isEmpty();
        Asked asked =
                new Asked(
                        isForChanges,
                        order.sourceStamps().stream()
                                .map(it -> isForChanges ? withoutRevision(it) : it)
                                .toList(),
                        properties(order.properties(), rule));
        return Optional.of(DigestUtils.sha256(JSON.writeValueAsBytes(asked)));
    }

    /**
     * Whether a request on offer ends because a later one has the same key.
     *
     * @param older null if they are not known
     */
    public static boolean ends(@Nullable Sources older, Sources later) {
        return older != null && later.hold(older);
    }

    /**
     * Whether the later of two requests with the same key is the one that a third may end. An older
     * request for newer sources stays it.
     */
    public static boolean takesOver(@Nullable Sources older, Sources later) {
        return older == null || later.hold(older) || !older.hold(later);
    }

    private record Asked(
            boolean isForChanges, List<SourceStamp> stamps, Map<String, Object> properties) {}

    private static SourceStamp withoutRevision(SourceStamp stamp) {
        return new SourceStamp(
                stamp.repository(), stamp.branch(), null, stamp.project(), stamp.codebase());
    }

    private static Map<String, Object> properties(
            Map<String, Property> properties, CollapseRequests rule) {
        Map<String, Object> counted = new TreeMap<>();
        properties.forEach((name, property) -> {
            boolean counts =
                    rule.sameProperties().isEmpty()
                            ? !property.source().equals(OF_CHANGES) && !WHO_AND_WHY.contains(name)
                            : rule.sameProperties().contains(name);
            if (counts) {
                counted.put(name, property.value());
            }
        });
        return counted;
    }
}
