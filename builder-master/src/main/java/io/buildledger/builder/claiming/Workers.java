package io.buildledger.builder.claiming;

import io.buildledger.claiming.FreeWorkers;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What each worker is busy with, whichever configuration it came from. A worker runs up to {@code
 * max_builds} builds at once, but never two of the same builder, for these share a directory. One
 * that the configuration has no more, or with fewer builds, ends those that it has.
 */
final class Workers {

    private final Map<String, Set<String>> busyWith = new HashMap<>();
    private final Predicate<String> isAttached;

    /**
     * @param isAttached whether a worker that attaches is here, by its name
     */
    Workers(Predicate<String> isAttached) {
        this.isAttached = isAttached;
    }

    /**
     * The workers of a configuration as they are now, to assign builds to.
     *
     * @param builders of which builds may be assigned; of others of the configuration none are
     */
    synchronized FreeWorkers free(ConfiguredBuilders configured, Collection<String> builders) {
        Map<String, Integer> slots = new HashMap<>();
        Map<String, Set<String>> busy = new HashMap<>();
        configured
                .maxBuilds()
                .forEach((worker, most) -> {
                    if (configured.attaches(worker) && !isAttached.test(worker)) {
                        return;
                    }
                    Set<String> with = busyWith.getOrDefault(worker, Set.of());
                    slots.put(worker, most - with.size());
                    busy.put(worker, new HashSet<>(with));
                });
        return new Free(configured, Set.copyOf(builders), slots, busy);
    }

    synchronized void occupy(String worker, String builder) {
        if (!busyWith.computeIfAbsent(worker, _ -> new HashSet<>()).add(builder)) {
            throw new IllegalStateException(worker + " can't take a build of " + builder);
        }
    }

    synchronized void free(String worker, String builder) {
        Set<String> builders = busyWith.get(worker);
        if (builders != null) {
            builders.remove(builder);
            if (builders.isEmpty()) {
                busyWith.remove(worker);
            }
        }
    }

    private static final class Free implements FreeWorkers {

        private final ConfiguredBuilders configured;
        private final Set<String> builders;
        private final Map<String, Integer> slots;
        private final Map<String, Set<String>> busy;

        Free(
                ConfiguredBuilders configured,
                Set<String> builders,
                Map<String, Integer> slots,
                Map<String, Set<String>> busy) {
            this.configured = configured;
            this.builders = builders;
            this.slots = slots;
            this.busy = busy;
        }

        @Override
        public Map<String, Integer> ofBuilders() {
            Map<String, Integer> free = new LinkedHashMap<>();
            for (String builder : configured.names()) {
                if (builders.contains(builder)) {
                    int count =
                            (int)
                                    configured.workersOf(builder).stream()
                                            .filter(it -> canTake(it, builder))
                                            .count();
                    if (count > 0) {
                        free.put(builder, count);
                    }
                }
            }
            return free;
        }

        private boolean canTake(String worker, String builder) {
            return slots.getOrDefault(worker, 0) > 0
                    && !busy.getOrDefault(worker, Set.of()).contains(builder);
        }

        @Override
        public FreeWorkers copy() {
            Map<String, Set<String>> copied = new HashMap<>();
            busy.forEach((worker, with) -> copied.put(worker, new HashSet<>(with)));
            return new Free(configured, builders, new HashMap<>(slots), copied);
        }

        @Override
        public List<String> candidates(String builder) {
            return configured.workersOf(builder).stream()
                    .filter(it -> canTake(it, builder))
                    .toList();
        }

        @Override
        public void assign(String builder, String worker) {
            slots.merge(worker, -1, Integer::sum);
            busy.computeIfAbsent(worker, _ -> new HashSet<>()).add(builder);
        }
    }
}
