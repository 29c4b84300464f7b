package io.buildledger.builder.claiming;

import io.buildledger.claiming.FreeWorkers;
import io.buildledger.configuring.Configuration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which worker is free. A worker runs up to {@code max_builds} builds at once, but never two of the
 * same builder, for these share a directory.
 */
final class Workers {

    private final Map<String, List<String>> workersOf = new LinkedHashMap<>();
    private final Map<String, Integer> maxBuilds = new HashMap<>();
    private final Map<String, Set<String>> busyWith = new HashMap<>();

    Workers(Configuration configuration) {
        for (Configuration.Builder builder : configuration.builders()) {
            workersOf.put(builder.name(), builder.workerNames());
        }
        for (Configuration.Worker worker : configuration.workers()) {
            maxBuilds.put(worker.name(), worker.maxBuilds());
            busyWith.put(worker.name(), new HashSet<>());
        }
    }

    /** The workers as they are now, to assign builds of these builders to. */
    synchronized FreeWorkers free(Collection<String> builders) {
        Map<String, Integer> slots = new HashMap<>();
        Map<String, Set<String>> busy = new HashMap<>();
        busyWith.forEach((worker, with) -> {
            slots.put(worker, maxBuilds.getOrDefault(worker, 0) - with.size());
            busy.put(worker, new HashSet<>(with));
        });
        return new Free(Set.copyOf(builders), slots, busy);
    }

    synchronized void occupy(String worker, String builder) {
        Set<String> builders = busyWith.get(worker);
        if (builders == null || !builders.add(builder)) {
            throw new IllegalStateException(worker + " can't take a build of " + builder);
        }
    }

    synchronized void free(String worker, String builder) {
        Set<String> builders = busyWith.get(worker);
        if (builders != null) {
            builders.remove(builder);
        }
    }

    private final class Free implements FreeWorkers {

        private final Set<String> builders;
        private final Map<String, Integer> slots;
        private final Map<String, Set<String>> busy;

        Free(Set<String> builders, Map<String, Integer> slots, Map<String, Set<String>> busy) {
            this.builders = builders;
            this.slots = slots;
            this.busy = busy;
        }

        @Override
        public Map<String, Integer> ofBuilders() {
            Map<String, Integer> free = new LinkedHashMap<>();
            workersOf.forEach((builder, workers) -> {
                if (builders.contains(builder)) {
                    int count = (int) workers.stream().filter(it -> canTake(it, builder)).count();
                    if (count > 0) {
                        free.put(builder, count);
                    }
                }
            });
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
            return new Free(builders, new HashMap<>(slots), copied);
        }

        @Override
        public Optional<String> assign(String builder) {
            Optional<String> worker =
                    workersOf.getOrDefault(builder, List.of()).stream()
                            .filter(it -> canTake(it, builder))
                            .findFirst();
            worker.ifPresent(name -> {
                slots.merge(name, -1, Integer::sum);
                busy.computeIfAbsent(name, _ -> new HashSet<>()).add(builder);
            });
            return worker;
        }
    }
}
