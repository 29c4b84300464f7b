package io.buildledger.builder.claiming;

import io.buildledger.configuring.Configuration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which worker is free. A worker runs up to {@code max_builds} builds at once, but never two of the
 * same builder, for these share a directory.
 */
final class Workers {

    private final Map<String, Integer> maxBuilds = new HashMap<>();
    private final Map<String, Set<String>> busyWith = new HashMap<>();

    Workers(List<Configuration.Worker> workers) {
        for (Configuration.Worker worker : workers) {
            maxBuilds.put(worker.name(), worker.maxBuilds());
            busyWith.put(worker.name(), new HashSet<>());
        }
    }

    /** The workers that could start a build of this builder now. */
    synchronized List<String> freeFor(Configuration.Builder builder) {
        List<String> free = new ArrayList<>();
        for (String worker : builder.workerNames()) {
            Set<String> builders = busyWith.getOrDefault(worker, Set.of());
            if (!builders.contains(builder.name())
                    && builders.size() < maxBuilds.getOrDefault(worker, 0)) {
                free.add(worker);
            }
        }
        return free;
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
}
