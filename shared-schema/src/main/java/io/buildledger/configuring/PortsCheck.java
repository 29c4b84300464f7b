package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * That no master listens twice at one address. Two masters of one file may be on two machines: what
 * only one of them has is compared with what all have, and never with what only the other has.
 */
final class PortsCheck {

    private static final Set<String> EVERY_ADDRESS = Set.of("", "0.0.0.0", "::");

    /**
     * @param key as it is told
     * @param pointer to it
     */
    private record Listener(String key, String pointer, int port, String address) {

        private static Listener of(String section, int port, String address) {
            return new Listener(
                    section + ".port",
                    "/" + section + "/port",
                    port,
                    address.equals("localhost") ? "127.0.0.1" : address);
        }

        private boolean isAt(Listener other) {
            return port != 0
                    && port == other.port
                    && (EVERY_ADDRESS.contains(address)
                            || EVERY_ADDRESS.contains(other.address)
                            || address.equals(other.address));
        }
    }

    private final SchedulerCheck.Told told;

    PortsCheck(SchedulerCheck.Told told) {
        this.told = told;
    }

    void check(Configuration configuration) {
        List<Listener> ofOneRole = new ArrayList<>();
        ofOneRole.add(
                Listener.of("web", configuration.web().port(), configuration.web().address()));
        if (configuration.workers().stream()
                .filter(Objects::nonNull)
                .anyMatch(Configuration.Worker::attaches)) {
            ofOneRole.add(
                    Listener.of(
                            "worker_protocol",
                            configuration.workerProtocol().port(),
                            configuration.workerProtocol().address()));
        }
        Metrics metrics = configuration.metrics();
        // Where some masters have a port of their own, it may be that all have.
        if (metrics != null && metrics.ports().isEmpty()) {
            Listener ofAll = Listener.of("metrics", metrics.port(), metrics.address());
            ofOneRole.forEach(it -> compare(it, ofAll));
        }
        if (configuration.hints().enabled()) {
            Listener hints =
                    Listener.of(
                            "hints", configuration.hints().port(), configuration.hints().address());
            ofOneRole.forEach(it -> compare(it, hints));
            if (metrics != null) {
                ofEach(metrics).forEach(it -> compare(hints, it));
            }
        }
    }

    private static List<Listener> ofEach(Metrics metrics) {
        if (metrics.ports().isEmpty()) {
            return List.of(Listener.of("metrics", metrics.port(), metrics.address()));
        }
        return metrics.ports().entrySet().stream()
                .filter(it -> it.getValue() != null)
                .sorted(Map.Entry.comparingByKey())
                .map(it ->
                        new Listener(
                                "metrics.ports." + it.getKey(),
                                "/metrics/ports",
                                it.getValue(),
                                metrics.address()))
                .toList();
    }

    private void compare(Listener one, Listener other) {
        if (one.isAt(other)) {
            told.problem(
                    other.pointer(),
                    "%s and %s are both %d at the same address: a master can't listen twice, give one of them another"
                            .formatted(other.key(), one.key(), one.port()));
        }
    }
}
