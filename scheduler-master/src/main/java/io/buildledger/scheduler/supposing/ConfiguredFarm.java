package io.buildledger.scheduler.supposing;

import io.buildledger.configuring.Configuration;
import io.buildledger.domain.attaching.WorkerName;
import io.buildledger.domain.choosing.NextBuild;
import io.buildledger.domain.choosing.NextWorker;
import io.buildledger.scheduler.supposing.Farm.Line;
import io.buildledger.scheduler.supposing.Farm.Machine;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The workers of a configuration, as many as it has, or as are given.
 *
 * <p>A worker without a password is one in each builder master that claimed anything in the
 * recorded time, or a single one if none did. A builder that the file does not have, or a worker
 * that it only names, is of another master's file: such a builder has the workers that claimed for
 * it, and such a worker builds one thing at a time.
 */
final class ConfiguredFarm {

    private final Configuration configuration;
    private final RecordedTime time;
    private final SequencedMap<String, List<Machine>> machines = new LinkedHashMap<>();
    private final Map<String, List<String>> workersOf = new TreeMap<>();
    private final Set<String> replacements = new HashSet<>();

    ConfiguredFarm(Configuration configuration, RecordedTime time) {
        this.configuration = configuration;
        this.time = time;
        configuration.workers().forEach(it -> machines.put(it.name(), machinesOf(it)));
        for (Configuration.Builder builder : configuration.builders()) {
            workersOf.put(builder.name(), builder.workerNames());
        }
        for (String builder : builders()) {
            workersOf.computeIfAbsent(builder, it -> List.copyOf(time.workersOf(it)));
        }
        workersOf.values().stream()
                .flatMap(Collection::stream)
                .forEach(it ->
                        machines.computeIfAbsent(
                                it, name -> List.of(new Machine(name, name, 1, Map.of()))));
    }

    /** Those that schedulers of the file ask, and those that were asked. */
    private SortedSet<String> builders() {
        SortedSet<String> builders = new TreeSet<>();
        configuration.schedulers().forEach(it -> builders.addAll(it.builderNames()));
        time.buildsets().forEach(it -> builders.addAll(it.builders()));
        return builders;
    }

    private List<Machine> machinesOf(Configuration.Worker worker) {
        SortedSet<String> masters = time.builderMasters();
        if (worker.attaches() || masters.isEmpty()) {
            return List.of(machine(worker, worker.name()));
        }
        return masters.stream()
                .map(it -> machine(worker, WorkerName.of(false, it, worker.name())))
                .toList();
    }

    private static Machine machine(Configuration.Worker worker, String name) {
        return new Machine(name, worker.name(), worker.maxBuilds(), worker.countsAs());
    }

    /** What is taken to be otherwise than the file or the log says. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        List<String> idle =
                machines.values().stream()
                        .flatMap(Collection::stream)
                        .map(Machine::called)
                        .distinct()
                        .filter(it -> !replacements.contains(it))
                        .filter(it -> !time.workers().contains(it))
                        .toList();
        if (!idle.isEmpty()) {
            remarks.add(
                    "these workers began no build in that time, and are taken to be there: "
                            + String.join(", ", idle));
        }
        List<String> restricted =
                configuration.builders().stream()
                        .filter(it ->
                                !it.locks().isEmpty()
                                        || it.canStartBuild() != null
                                        || it.nextBuild().prefer() != null)
                        .map(Configuration.Builder::name)
                        .toList();
        if (!restricted.isEmpty()) {
            remarks.add(
                    "these builders are built as if they had no locks, no can_start_build and no prefer: "
                            + String.join(", ", restricted));
        }
        return remarks;
    }

    /**
     * Puts so many workers in the place of some.
     *
     * @param name how the names of those begin; if none does, the builder whose workers they are
     * @param count at least 1; each is like the first of them
     * @throws UnknownWorkersException if there are none
     */
    void replace(String name, int count) {
        Set<String> replaced = new LinkedHashSet<>();
        machines.keySet().stream().filter(it -> it.startsWith(name)).forEach(replaced::add);
        if (replaced.isEmpty()) {
            replaced.addAll(workersOf.getOrDefault(name, List.of()));
        }
        if (replaced.isEmpty()) {
            throw new UnknownWorkersException(name, machines.keySet(), workersOf.keySet());
        }
        Machine like = machinesOf(replaced.iterator().next());
        String called = name + "=" + count;
        List<Machine> several = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            several.add(new Machine(called + "/" + i, called, like.maxBuilds(), like.countsAs()));
        }
        replaced.forEach(machines::remove);
        replacements.add(called);
        machines.put(called, several);
        workersOf.replaceAll((_, workers) -> {
            Set<String> others = new LinkedHashSet<>();
            workers.forEach(it -> others.add(replaced.contains(it) ? called : it));
            return List.copyOf(others);
        });
    }

    private Machine machinesOf(String worker) {
        return machines.getOrDefault(worker, List.of()).getFirst();
    }

    Farm farm() {
        return farm(Allowance.all());
    }

    /**
     * @throws TooMuchException if there are more than it has
     */
    Farm farm(Allowance allowance) {
        SequencedMap<String, Machine> all = new LinkedHashMap<>();
        machines.values().stream()
                .flatMap(Collection::stream)
                .forEach(it -> all.put(it.name(), it));
        Map<String, Line> lines = new TreeMap<>();
        workersOf.forEach((builder, workers) -> {
            List<String> names =
                    workers.stream()
                            .flatMap(it -> machines.getOrDefault(it, List.of()).stream())
                            .map(Machine::name)
                            .toList();
            allowance.take(names.size());
            lines.put(
                    builder,
                    configuration.builders().stream()
                            .filter(it -> it.name().equals(builder))
                            .findFirst()
                            .map(it ->
                                    new Line(
                                            names,
                                            it.maxBuilds(),
                                            it.nextBuild().order().toDomain(),
                                            it.nextWorker().toDomain()))
                            .orElseGet(() ->
                                    new Line(
                                            names,
                                            null,
                                            NextBuild.IN_ORDER,
                                            NextWorker.FIRST_FREE)));
        });
        return new Farm(all, lines);
    }
}
