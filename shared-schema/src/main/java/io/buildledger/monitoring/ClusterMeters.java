package io.buildledger.monitoring;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.BuildRequestQueue;
import io.buildledger.claiming.BuildRequestQueue.Depth;
import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.TableSizes;
import io.buildledger.log.EventLog;
import io.buildledger.log.ReaderLag;
import io.buildledger.log.ReaderLags;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.LeaseStanding;
import io.buildledger.viewing.Views;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What is so in the whole cluster, read from the database when somebody asks: ten statements at the
 * most, whatever waits and however many builders, masters and workers there are. While the database
 * is away or takes too long there are no values, rather than old ones.
 */
final class ClusterMeters {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterMeters.class);

    /** Of those who ask at about the same time one reads for all. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** How long a master that was lost is told of, so that names that are not used again end. */
    private static final Duration LOST_FOR = Duration.ofDays(1);

    /** As a rule Prometheus waits for ten seconds. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private final BuildRequestQueue queue;
    private final MasterRegistry registry;
    private final Views views;
    private final ReaderLags lags;
    private final TableSizes sizes;
    private final Duration patience;
    private final LongSupplier nanoTime;

    private final MultiGauge queueDepth;
    private final MultiGauge queueOldest;
    private final MultiGauge servingMasters;
    private final MultiGauge masterUp;
    private final MultiGauge leaseAge;
    private final MultiGauge workers;
    private final MultiGauge lagEvents;
    private final MultiGauge lagSeconds;
    private final MultiGauge tableBytes;
    private final List<MultiGauge> all;
    private final Counter failures;
    private @Nullable CompletableFuture<Void> reading;
    private long begunAt;

    /**
     * @param patience how long who asks waits for the database
     */
    ClusterMeters(
            BuildRequestQueue queue,
            MasterRegistry registry,
            EventLog log,
            HikariDataSource dataSource,
            MeterRegistry meters,
            Duration patience,
            LongSupplier nanoTime) {
        this.patience = patience;
        this.queue = queue;
        this.registry = registry;
        this.views = new Views(JdbcClient.create(dataSource));
        this.lags = new ReaderLags(log, dataSource);
        this.sizes = new TableSizes(dataSource);
        this.nanoTime = nanoTime;
        this.all = new ArrayList<>();
        this.queueDepth = gauge(meters, "queue.depth", "requests", "Requests on offer");
        this.queueOldest =
                gauge(meters, "queue.oldest", "seconds", "Age of the oldest request on offer");
        this.servingMasters =
                gauge(meters, "serving.masters", null, "Living masters that claim for the builder");
        this.masterUp =
                gauge(
                        meters,
                        "master.up",
                        null,
                        "1 for a master that lives, 0 for one that is lost");
        this.leaseAge =
                gauge(meters, "lease.age", "seconds", "Time since the master renewed its lease");
        this.workers = gauge(meters, "workers", null, "Workers by what they do");
        this.lagEvents =
                gauge(
                        meters,
                        "reader.lag",
                        "events",
                        "Events of the log that the reader has not read");
        this.lagSeconds =
                gauge(
                        meters,
                        "reader.lag",
                        "seconds",
                        "Age of the oldest event that the reader has not read");
        this.tableBytes =
                gauge(meters, "table", "bytes", "Size of the table and its indexes, as estimated");
        this.failures =
                Counter.builder("buildledger.cluster.read.failures")
                        .description("Times that the database could not be read for these")
                        .register(meters);
    }

    private MultiGauge gauge(
            MeterRegistry meters, String name, @Nullable String unit, String description) {
        MultiGauge gauge =
                MultiGauge.builder("buildledger." + name + (unit == null ? "" : "." + unit))
                        .description(description)
                        .register(meters);
        all.add(gauge);
        return gauge;
    }

    /** Brings the values up to date, unless that has just been done. */
    void read() {
        CompletableFuture<Void> under = underWay();
        try {
            under.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a reading tells by itself how it fails", e);
        } catch (TimeoutException e) {
            // It goes on; until it has ended nobody begins another.
            fail();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail();
        }
    }

    private synchronized CompletableFuture<Void> underWay() {
        CompletableFuture<Void> last = reading;
        boolean isOfUse =
                last != null
                        && (!last.isDone() || nanoTime.getAsLong() - begunAt < FRESH.toNanos());
        if (last != null && isOfUse) {
            return last;
        }
        begunAt = nanoTime.getAsLong();
        CompletableFuture<Void> next =
                CompletableFuture.runAsync(
                        this::readOrFail,
                        task -> Thread.ofVirtual().name("cluster-metrics").start(task));
        reading = next;
        return next;
    }

    private void readOrFail() {
        try {
            readAll();
        } catch (RuntimeException | Error e) {
            // Once for all who wait for it.
            fail();
            if (!DatabaseTrouble.isTransient(e)) {
                LOG.error("the metrics of the cluster can't be read", e);
            }
        }
    }

    private void readAll() {
        masters();
        queue();
        workers.register(
                views.workersByState().entrySet().stream()
                        .map(it -> row(it.getValue(), "state", it.getKey()))
                        .toList(),
                true);
        readers();
        tableBytes.register(
                sizes.bytes().entrySet().stream()
                        .map(it -> row(it.getValue(), "table", it.getKey()))
                        .toList(),
                true);
    }

    private void fail() {
        failures.increment();
        all.forEach(gauge -> gauge.register(List.of(), true));
    }

    private void masters() {
        List<LeaseStanding> leases = registry.leases(LOST_FOR);
        masterUp.register(
                leases.stream()
                        .map(it ->
                                Row.of(
                                        Tags.of("master", it.name(), "role", it.role()),
                                        it.isLive() ? 1 : 0))
                        .toList(),
                true);
        leaseAge.register(
                leases.stream()
                        .filter(LeaseStanding::isLive)
                        .map(it -> row(seconds(it.age()), "master", it.name()))
                        .toList(),
                true);
    }

    /** With zeros for builders that some master serves, so that their lines don't end. */
    private void queue() {
        Map<String, Integer> serving = registry.servingMasters();
        Map<String, Depth> depths = new HashMap<>();
        queue.depths().forEach(depth -> depths.put(depth.builder(), depth));
        TreeSet<String> builders = new TreeSet<>(serving.keySet());
        builders.addAll(depths.keySet());
        List<Row<?>> depth = new ArrayList<>();
        List<Row<?>> oldest = new ArrayList<>();
        List<Row<?>> masters = new ArrayList<>();
        for (String builder : builders) {
            Depth waiting = depths.getOrDefault(builder, new Depth(builder, 0, Duration.ZERO));
            depth.add(row(waiting.requests(), "builder", builder));
            oldest.add(row(seconds(waiting.oldest()), "builder", builder));
            masters.add(row(serving.getOrDefault(builder, 0), "builder", builder));
        }
        queueDepth.register(depth, true);
        queueOldest.register(oldest, true);
        servingMasters.register(masters, true);
    }

    private void readers() {
        List<ReaderLag> found = lags.all();
        lagEvents.register(
                found.stream().map(it -> row(it.events(), "reader", it.reader())).toList(), true);
        lagSeconds.register(
                found.stream().map(it -> row(seconds(it.age()), "reader", it.reader())).toList(),
                true);
    }

    private static Row<Number> row(Number value, String label, String name) {
        return Row.of(Tags.of(label, name), value);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
