package io.buildledger.monitoring;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.configuring.Configuration.Metrics;
import io.buildledger.log.EventLog;
import io.buildledger.mastering.MasterLife;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.metering.Meters;
import io.buildledger.monitoring.Health.Phase;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextRefreshedEvent;

/**
 * This master's part in telling those who watch, or none where the configuration has no {@code
 * metrics}. It tells from when it is opened until the process is about to end, also while builds
 * are let end.
 */
public final class Monitoring
        implements ApplicationListener<ApplicationContextEvent>, AutoCloseable {

    /** What is read for what is so in the whole cluster. */
    public record Cluster(BuildRequestQueue queue, MasterRegistry registry, EventLog log) {}

    private final Health health;
    private final @Nullable ProcessMeters process;
    private final @Nullable MonitoringServer server;

    private Monitoring(
            Health health, @Nullable ProcessMeters process, @Nullable MonitoringServer server) {
        this.health = health;
        this.process = process;
        this.server = server;
    }

    /** Meters whose values can be shown, if the configuration wants that. */
    public static Meters meters(@Nullable Metrics wanted) {
        return wanted == null
                ? Meters.none()
                : new Meters(
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), System::nanoTime);
    }

    /**
     * Listens from now on, if the configuration wants it.
     *
     * @param self which master this is
     * @param meters that {@link #meters} has made of the same configuration
     * @param cluster null for a master that tells of itself alone
     * @throws IOException if the address can't be had
     */
    public static Monitoring open(
            @Nullable Metrics wanted,
            ProcessMeters.Self self,
            Meters meters,
            MasterLife life,
            HikariDataSource dataSource,
            @Nullable Cluster cluster)
            throws IOException {
        Health health = new Health(life, meters);
        if (wanted == null || !(meters.registry() instanceof PrometheusMeterRegistry registry)) {
            return new Monitoring(health, null, null);
        }
        ClusterMeters ofCluster =
                cluster == null
                        ? null
                        : new ClusterMeters(
                                cluster.queue(),
                                cluster.registry(),
                                cluster.log(),
                                dataSource,
                                registry,
                                ClusterMeters.PATIENCE,
                                System::nanoTime);
        return new Monitoring(
                health,
                ProcessMeters.register(registry, self, health, dataSource),
                MonitoringServer.open(
                        new InetSocketAddress(wanted.address(), wanted.portOf(self.master())),
                        registry,
                        health,
                        ofCluster));
    }

    /** Where something of it is found from this machine; null where it tells nothing. */
    @Nullable String url(String path) {
        return server == null ? null : server.url(path);
    }

    @Override
    public void onApplicationEvent(ApplicationContextEvent event) {
        if (event instanceof ContextRefreshedEvent) {
            health.enter(Phase.RUNNING);
        } else if (event instanceof ContextClosedEvent) {
            health.enter(Phase.STOPPING);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.close();
        }
        if (process != null) {
            process.close();
        }
    }
}
