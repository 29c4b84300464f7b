package io.buildledger.scheduler.explaining;

import io.buildledger.locking.LockListing;
import io.buildledger.scheduler.explaining.BuilderMasters.Serving;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Why what is on offer of builders waits, in a sentence each. */
final class QueueExplanation {

    /** More reasons of a builder are counted alone. */
    private static final int TOLD = 2;

    /** More masters are counted alone. */
    private static final int NAMED = 3;

    private final BuilderMasters masters;
    private final LockListing locks;
    private final WorkerStates workers;

    QueueExplanation(JdbcClient jdbc, WorkerStates workers) {
        this.workers = workers;
        this.masters = new BuilderMasters(jdbc);
        this.locks = new LockListing(jdbc);
    }

    Map<String, String> of(Collection<String> builders) {
        if (builders.isEmpty()) {
            return Map.of();
        }
        Map<String, List<Serving>> serving = masters.of(builders);
        Map<String, List<String>> waits = locks.waitsOfBuilders(builders);
        Map<String, String> keeps = workers.whatKeeps(BuilderMasters.claiming(serving));
        Map<String, String> why = new HashMap<>();
        for (String builder : builders) {
            why.put(
                    builder,
                    told(
                            reasons(
                                    builder,
                                    serving.getOrDefault(builder, List.of()),
                                    waits.getOrDefault(builder, List.of()),
                                    keeps.get(builder))));
        }
        return why;
    }

    /** What stands in the way: of masters, those that may claim count before the others. */
    private static List<String> reasons(
            String builder,
            List<Serving> serving,
            List<String> waits,
            @Nullable String keepsWorkers) {
        if (serving.isEmpty()) {
            return List.of(BuilderMasters.none(builder));
        }
        List<Serving> claiming = serving.stream().filter(it -> it.master().mayClaim()).toList();
        if (claiming.isEmpty()) {
            return serving.stream().map(Serving::told).toList();
        }
        if (keepsWorkers != null) {
            return List.of(keepsWorkers);
        }
        return waits.isEmpty() ? List.of(free(claiming)) : waits;
    }

    /** What those wait for that may claim. */
    private static String free(List<Serving> claiming) {
        if (claiming.size() == 1) {
            return claiming.getFirst().told();
        }
        String names =
                claiming.stream()
                        .limit(NAMED)
                        .map(it -> it.master().name())
                        .collect(Collectors.joining(", "));
        String masters =
                claiming.size() <= NAMED
                        ? names
                        : "%s and %d more masters".formatted(names, claiming.size() - NAMED);
        long claims = claiming.stream().mapToLong(it -> it.master().claims()).sum();
        return claims == 0
                ? "%s hold no claim: they claim when a worker is there".formatted(masters)
                : "%s claim when a worker of the builder is free; claims that they hold: %d"
                        .formatted(masters, claims);
    }

    private static String told(List<String> reasons) {
        String told = String.join("; ", reasons.subList(0, Math.min(TOLD, reasons.size())));
        return reasons.size() <= TOLD
                ? told
                : "%s; and %d more reasons like these".formatted(told, reasons.size() - TOLD);
    }
}
