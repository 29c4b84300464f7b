package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import io.buildledger.starting.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Under which a figure was taken; without them it says nothing.
 *
 * @param loadBefore of the machine over the last minute, before the benchmark did anything
 */
record Conditions(
        String buildledger,
        String server,
        String innodbFlushLogAtTrxCommit,
        String syncBinlog,
        String logBin,
        String innodbBufferPoolSize,
        int cores,
        String processor,
        double loadBefore,
        String java,
        Instant startedAt) {

    private static final String SETTINGS =
            """
            SHOW GLOBAL VARIABLES
             WHERE Variable_name IN ('version', 'version_comment', 'innodb_flush_log_at_trx_commit',
                                     'sync_binlog', 'log_bin', 'innodb_buffer_pool_size')
            """;

    static Conditions of(Database server) {
        // Before the server is asked anything.
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Map<String, String> settings = new HashMap<>();
        JdbcClient.create(
                        new DriverManagerDataSource(server.url(), server.user(), server.password()))
                .sql(SETTINGS)
                .query(row -> {
                    settings.put(row.getString(1), row.getString(2));
                });
        return new Conditions(
                new Version().getVersion()[0].replaceFirst("^buildledger ", ""),
                settings.get("version_comment") + " " + settings.get("version"),
                setting(settings, "innodb_flush_log_at_trx_commit"),
                setting(settings, "sync_binlog"),
                setting(settings, "log_bin"),
                Long.parseLong(setting(settings, "innodb_buffer_pool_size")) / 1024 / 1024 + " MiB",
                Runtime.getRuntime().availableProcessors(),
                nameOfProcessor(),
                load,
                System.getProperty("java.vendor") + " " + Runtime.version(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    private static String setting(Map<String, String> settings, String name) {
        return settings.getOrDefault(name, "0");
    }

    private static String nameOfProcessor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.replaceFirst("^.*?: *", ""))
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
