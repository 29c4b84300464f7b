package io.buildledger.builder.claiming;

import io.buildledger.claiming.FreeWorkers;
import io.buildledger.domain.choosing.FreeWorker;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What each worker is busy with, whichever configuration it came from. A worker runs up to {@code
 * max_builds} builds at once, of which one may count as several, but never two of the same builder,
 * for these share a directory. One that the configuration has no more, or with fewer builds, ends
 * those that it has.
 */
final class Workers {

    private final Map<String, Set<String>> busyWith = new HashMap<>();
    private final Availability availability;

    /** Who had each builder's last build. */
    private final Map<String, String> lastUsed = new HashMap<>();

    Workers(Availability availability) {
        this.availability = availability;
    }

    synchronized boolean isIdle(String worker) {
        return !busyWith.containsKey(worker);
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
                    if (!availability.isReady(worker, configured.attaches(worker))) {
                        return;
                    }
                    Set<String> with = busyWith.getOrDefault(worker, Set.of());
                    slots.put(
                            worker,
                            most
                                    - with.stream()
                                            .mapToInt(it -> configured.countOf(worker, it))
                                            .sum());
                    busy.put(worker, new HashSet<>(with));
                });
        return new Free(configured, Set.copyOf(builders), slots, busy, lastUsed(), Set.of());
    }

    /**
     * The workers of a configuration that are not here and could come, as if they were. Those that
     * are on their way go before others.
     *
     * @param builders that may have something for them; the others, and those for which no worker
     *     could be started, have none
     */
    FreeWorkers absent(ConfiguredBuilders configured, Collection<String> builders) {
        Map<String, Integer> slots = new HashMap<>();
        Set<String> starting = new HashSet<>();
        Set<String> startable = new HashSet<>();
        // Without the lock, for the database may have to be asked.
        configured
                .maxBuilds()
                .forEach((worker, most) -> {
                    switch (availability.absenceOf(worker)) {
                        case STAYS -> {}
                        case STARTING -> {
                            slots.put(worker, most);
                            starting.add(worker);
                        }
                        case MAY_START -> {
                            slots.put(worker, most);
                            startable.add(worker);
                        }
                    }
                });
        Set<String> served =
                builders.stream()
                        .filter(builder ->
                                configured.workersOf(builder).stream()
                                        .anyMatch(startable::contains))
                        .collect(Collectors.toUnmodifiableSet());
        return new Free(configured, served, slots, new HashMap<>(), lastUsed(), starting);
    }

    private synchronized Map<String, String> lastUsed() {
        return Map.copyOf(lastUsed);
    }

    synchronized void occupy(String worker, String builder) {
        if (!busyWith.computeIfAbsent(worker, _ -> new HashSet<>()).add(builder)) {
            throw new IllegalStateException(worker + " can't take a build of " + builder);
        }
        lastUsed.put(builder, worker);
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
        private final Map<String, String> lastUsed;
        private final Set<String> preferred;

        Free(
                ConfiguredBuilders configured,
                Set<String> builders,
                Map<String, Integer> slots,
                Map<String, Set<String>> busy,
                Map<String, String> lastUsed,
                Set<String> preferred) {
            this.preferred = preferred;
            this.configured = configured;
            this.builders = builders;
            this.slots = slots;
            this.busy = busy;
            this.lastUsed = lastUsed;
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
            return slots.getOrDefault(worker, 0) >= configured.countOf(worker, builder)
                    && !busy.getOrDefault(worker, Set.of()).contains(builder);
        }

        @Override
        public FreeWorkers copy() {
            Map<String, Set<String>> copied = new HashMap<>();
            busy.forEach((worker, with) -> copied.put(worker, new HashSet<>(with)));
            return new Free(
                    configured, builders, new HashMap<>(slots), copied, lastUsed, preferred);
        }

        @Override
        public List<String> candidates(String builder) {
            List<FreeWorker> free =
                    configured.workersOf(builder).stream()
                            .filter(it -> canTake(it, builder))
                            .map(it -> new FreeWorker(it, busy.getOrDefault(it, Set.of()).size()))
                            .toList();
            // Without any the builder may be one that there is not.
            return free.isEmpty()
                    ? List.of()
                    : configured.nextWorker(builder).order(free, lastUsed.get(builder)).stream()
                            .sorted(Comparator.comparing(it -> !preferred.contains(it)))
                            .toList();
        }

        @Override
        public boolean attaches(String worker) {
            return configured.attaches(worker);
        }

        @Override
        public void assign(String builder, String worker) {
            slots.merge(worker, -configured.countOf(worker, builder), Integer::sum);
            busy.computeIfAbsent(worker, _ -> new HashSet<>()).add(builder);
        }
    }
}
