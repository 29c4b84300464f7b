package io.buildledger.benchmarks;

import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.FreeWorkers;
import java.util.Map;
import java.util.Optional;

/** So many free workers for one builder. */
final class IdleWorkers implements FreeWorkers {

    static final Map<String, ClaimTerms> TERMS =
            Map.of(ClusterFile.builder(1), new ClaimTerms("0123456789ab", 3));

    private int left;

    IdleWorkers(int workers) {
        this.left = workers;
    }

    @Override
    public Map<String, Integer> ofBuilders() {
        return Map.of(ClusterFile.builder(1), left);
    }

    @Override
    public FreeWorkers copy() {
        return new IdleWorkers(left);
    }

    @Override
    public Optional<String> assign(String builder) {
        return left-- > 0 ? Optional.of("w1") : Optional.empty();
    }
}
