package io.buildledger.monitoring;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.ToIntFunction;

/** What every master tells of its process, its memory and its connections. */
public final class ProcessMeters implements AutoCloseable {

    /** Which master a process is. */
    public record Self(String master, String role, String version) {}

    private final JvmGcMetrics collections;

    private ProcessMeters(JvmGcMetrics collections) {
        this.collections = collections;
    }

    static ProcessMeters register(
            MeterRegistry registry, Self self, Health health, HikariDataSource dataSource) {
        Gauge.builder("buildledger.this.master", () -> 1)
                .description("Which master this process is")
                .tags("master", self.master(), "role", self.role(), "version", self.version())
                .register(registry);
        Gauge.builder("buildledger.ready", health, it -> it.whyNotReady().isEmpty() ? 1 : 0)
                .description("1 where /readyz answers 200")
                .strongReference(true)
                .register(registry);
        connections(registry, dataSource, "active", HikariPoolMXBean::getActiveConnections);
        connections(registry, dataSource, "idle", HikariPoolMXBean::getIdleConnections);
        connections(
                registry, dataSource, "awaited", HikariPoolMXBean::getThreadsAwaitingConnection);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        JvmGcMetrics collections = new JvmGcMetrics();
        collections.bindTo(registry);
        return new ProcessMeters(collections);
    }

    private static void connections(
            MeterRegistry registry,
            HikariDataSource dataSource,
            String state,
            ToIntFunction<HikariPoolMXBean> count) {
        Gauge.builder(
                        "buildledger.database.connections",
                        dataSource,
                        it -> count.applyAsInt(it.getHikariPoolMXBean()))
                .description("Connections of the pool, and threads that wait for one")
                .tag("state", state)
                .strongReference(true)
                .register(registry);
    }

    @Override
    public void close() {
        collections.close();
    }
}
