package io.buildledger.testing;

import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.Claims;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.FreeWorkers;
import io.buildledger.log.Author;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Workers of which each can take one build of any of some builders. */
public final class TestWorkers implements FreeWorkers {

    private static final int MAX_ATTEMPTS = 3;

    private final List<String> builders;
    private final List<String> free;

    public TestWorkers(List<String> builders, List<String> workers) {
        this.builders = builders;
        this.free = new ArrayList<>(workers);
    }

    /** Claims for one builder, one request for each of the workers at most. */
    public static List<Won> claim(Claims claims, Author master, String builder, String... workers) {
        return claim(claims, master, new TestWorkers(List.of(builder), List.of(workers)));
    }

    public static List<Won> claim(Claims claims, Author master, TestWorkers workers) {
        return claims.claim(
                        master,
                        workers.builders.stream()
                                .collect(
                                        Collectors.toMap(
                                                builder -> builder,
                                                _ -> new ClaimTerms("f00d", MAX_ATTEMPTS))),
                        workers)
                .won();
    }

    @Override
    public Map<String, Integer> ofBuilders() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        builders.forEach(builder -> counts.put(builder, free.size()));
        return counts;
    }

    @Override
    public FreeWorkers copy() {
        return new TestWorkers(builders, free);
    }

    @Override
    public List<String> candidates(String builder) {
        return List.copyOf(free);
    }

    @Override
    public void assign(String builder, String worker) {
        free.remove(worker);
    }
}
