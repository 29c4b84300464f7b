package io.buildledger.scheduler.tracing;

import com.zaxxer.hikari.HikariDataSource;
import io.buildledger.claiming.Builds;
import io.buildledger.configuring.Configuration.Traces;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Follower;
import io.buildledger.metering.Meters;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Sends traces where the file says so. Of all masters that have the key one sends; the others stand
 * by. Without the key nothing of OpenTelemetry is begun.
 */
@Component
final class Tracing implements SmartLifecycle {

    /** Of the reader, in the whole cluster. */
    static final String NAME = "traces";

    private final ConfigurationFile file;
    private final EventLog log;
    private final HikariDataSource dataSource;
    private final Builds builds;
    private final Author author;
    private final Meters meters;
    private final InstantSource databaseClock;
    private @Nullable Collector collector;
    private volatile @Nullable Follower follower;

    Tracing(
            ConfigurationFile file,
            EventLog log,
            HikariDataSource dataSource,
            Builds builds,
            Author author,
            Meters meters,
            InstantSource databaseClock) {
        this.file = file;
        this.log = log;
        this.dataSource = dataSource;
        this.builds = builds;
        this.author = author;
        this.meters = meters;
        this.databaseClock = databaseClock;
    }

    @Override
    public void start() {
        Traces traces = file.configuration().traces();
        if (traces == null) {
            return;
        }
        Path headersFile = traces.headersFile();
        Collector opened =
                new OtlpCollector(
                        traces.endpoint(), headersFile == null ? null : file.beside(headersFile));
        collector = opened;
        follower =
                Follower.of(
                                NAME,
                                // What ended before anybody wanted traces is not sent.
                                Follower.Start.HEAD,
                                log,
                                dataSource,
                                author,
                                new TraceReader(
                                        new BuildsetSpans(log, builds),
                                        opened,
                                        new TraceMeters(meters),
                                        traces.giveUpAfter(),
                                        databaseClock,
                                        System::nanoTime))
                        .start();
    }

    @Override
    public void stop() {
        Collector opened = collector;
        if (opened != null) {
            // First: it may be waited for.
            opened.close();
        }
        Follower started = follower;
        if (started != null) {
            started.close();
        }
        follower = null;
    }

    @Override
    public boolean isRunning() {
        return follower != null;
    }
}
