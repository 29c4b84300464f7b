package io.buildledger.benchmarks;

import io.buildledger.claiming.FreeWorkers;
import java.util.List;
import java.util.Map;

/** So many free workers, all for builds of one builder. */
final class WorkersOfOneBuilder implements FreeWorkers {

    private final String builder;
    private int free;

    WorkersOfOneBuilder(String builder, int free) {
        this.builder = builder;
        this.free = free;
    }

    @Override
    public Map<String, Integer> ofBuilders() {
        return free == 0 ? Map.of() : Map.of(builder, free);
    }

    @Override
    public FreeWorkers copy() {
        return new WorkersOfOneBuilder(builder, free);
    }

    @Override
    public List<String> candidates(String asked) {
        return asked.equals(builder) && free > 0 ? List.of("w" + free) : List.of();
    }

    @Override
    public void assign(String asked, String worker) {
        free--;
    }
}
