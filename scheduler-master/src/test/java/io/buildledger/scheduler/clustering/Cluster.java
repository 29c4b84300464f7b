package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.database.Database;
import io.buildledger.testing.MemoryDirectory;
import io.buildledger.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.springframework.util.FileSystemUtils;

/** A cluster of real processes, of the code that production runs, on a database of its own. */
final class Cluster implements AutoCloseable {

    static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static final List<String> SMALL_JAVA =
            List.of(JAVA, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");

    static final Duration LEASE = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Also where the tests run under nohup, whose children ignore the signal. */
    private static final List<String> HEARING_SIGHUP = hearingSighup();

    final Path directory;
    final Database database = TestDatabase.fresh();
    final int port;
    private final Map<String, Process> masters = new HashMap<>();
    private final List<String> javaOptions = new ArrayList<>();
    private final Map<String, Integer> metricsPorts = new HashMap<>();
    private Program program = Program.UNPACKED;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * A cluster whose builder masters let no build end when they are told to stop.
     *
     * @param schedulers, builders YAML of these sections, and of no others
     */
    Cluster(String changeSources, String schedulers, String builders) {
        this("drain_timeout: 0s\n", changeSources, schedulers, builders);
    }

    /**
     * @param settings YAML of keys that each master has, or none for what is the default
     */
    Cluster(String settings, String changeSources, String schedulers, String builders) {
        try {
            directory = MemoryDirectory.create("buildledger-cluster");
            port = freePort();
            Files.writeString(
                    directory.resolve("cluster.yaml"),
                    """
                    db_url: %s
                    db_user: %s
                    db_password: "%s"
                    db_poll_interval: 100ms
                    lease: %ds
                    basedir: masters
                    web: {port: %d}
                    workers:
                      - {name: local, max_builds: 4}
                    """
                                    .formatted(
                                            database.url(),
                                            database.user(),
                                            database.password(),
                                            LEASE.toSeconds(),
                                            port)
                            + settings
                            + changeSources
                            + schedulers
                            + builders);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the masters that are started from now on. */
    void setLease(Duration lease) throws IOException {
        Path file = directory.resolve("cluster.yaml");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace(
                                "lease: %ds".formatted(LEASE.toSeconds()),
                                "lease: %ds".formatted(lease.toSeconds())));
    }

    /** Jars that all masters have that are started from now on, as the launcher does it. */
    void usePlugins(Path directory) {
        program = Program.PACKAGED;
        javaOptions.add("-Dloader.path=" + directory);
    }

    /**
     * Of the masters that are started from now on: each serves metrics at a port of its own, and
     * all print their logs as JSON. Traces are sent to where nobody is.
     */
    void monitor(String... names) throws IOException {
        for (String name : names) {
            metricsPorts.put(name, freePort());
        }
        String ports =
                metricsPorts.entrySet().stream()
                        .map(it -> it.getKey() + ": " + it.getValue())
                        .collect(Collectors.joining(", "));
        int nobodys = freePort();
        changeFile(file ->
                file.replace(
                        "workers:\n",
                        "metrics: {ports: {%s}}\ntraces: {endpoint: \"http://127.0.0.1:%d/v1/traces\"}\nworkers:\n"
                                .formatted(ports, nobodys)));
    }

    /** What a master that is {@linkplain #monitor monitored} answers. */
    HttpResponse<String> monitored(String name, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + metricsPorts.get(name) + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Of the masters that are started from now on. */
    void use(Program other) {
        program = other;
    }

    /** Of all masters, which go by it when they are told to. */
    void changeFile(UnaryOperator<String> change) throws IOException {
        changeFileOf("cluster", change);
    }

    /** Of one that has a file of its own. */
    void changeFileOf(String name, UnaryOperator<String> change) throws IOException {
        Path file = directory.resolve(name + ".yaml");
        String before = Files.readString(file);
        String after = change.apply(before);
        assertThat(after).isNotEqualTo(before);
        Files.writeString(file, after);
    }

    private static List<String> hearingSighup() {
        List<String> prefix = List.of("env", "--default-signal=HUP");
        List<String> attempt = new ArrayList<>(prefix);
        attempt.add("true");
        try {
            return new ProcessBuilder(attempt).start().waitFor() == 0 ? prefix : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** How a master of this program is started, from the jar that production runs. */
    static List<String> command(String role, Path configuration, String name) {
        return command(Program.PACKAGED, List.of(), role, configuration, name);
    }

    private static List<String> command(
            Program program,
            List<String> javaOptions,
            String role,
            Path configuration,
            String name) {
        List<String> command = new ArrayList<>(SMALL_JAVA);
        command.addAll(javaOptions);
        command.addAll(program.launch(role));
        if (role.equals("scheduler-master")) {
            command.add(role);
        }
        command.addAll(List.of("--config", configuration.toString(), "--name", name));
        return command;
    }

    /** One more scheduler master, at a web address of its own. */
    void startStandby(String name) throws IOException {
        String file = Files.readString(directory.resolve("cluster.yaml"));
        Path own = directory.resolve(name + ".yaml");
        Files.writeString(own, file.replace("web: {port: " + port, "web: {port: " + freePort()));
        start("scheduler-master", name, own);
        awaitLiving(name);
    }

    /** A scheduler master and builder masters at the same time. */
    void start(String scheduler, String... builders) {
        Path file = directory.resolve("cluster.yaml");
        for (String builder : builders) {
            start("builder-master", builder, file);
        }
        startScheduler(scheduler);
        for (String builder : builders) {
            awaitLiving(builder);
        }
    }

    void startScheduler(String name) {
        start("scheduler-master", name, directory.resolve("cluster.yaml"));
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .failFast(() -> assertRuns(name))
                .until(() -> get("/api/masters").contains(name));
    }

    private void assertRuns(String name) throws IOException {
        assertThat(runs(name)).as("%s runs: %s", name, output(name)).isTrue();
    }

    void startBuilder(String name) {
        start("builder-master", name, directory.resolve("cluster.yaml"));
        awaitLiving(name);
    }

    /** A builder master that workers attach to, at the port that is returned. */
    int startBuilderForWorkers(String name) throws IOException {
        int port = freePort();
        String file = Files.readString(directory.resolve("cluster.yaml"));
        Path own = directory.resolve(name + ".yaml");
        Files.writeString(
                own,
                file.replace(
                        "worker_protocol: {port: 0}", "worker_protocol: {port: " + port + "}"));
        start("builder-master", name, own);
        awaitLiving(name);
        return port;
    }

    /** Of all masters that are started from now on. */
    void addWorker(String name, String password) throws IOException {
        changeFile(file ->
                file.replace(
                        "workers:\n",
                        "workers:\n  - {name: %s, password: %s}\n".formatted(name, password)));
    }

    /**
     * One that has no effect, with a file that differs from the others'.
     *
     * @param grace how long it gives the cluster
     */
    void startShadow(String name, UnaryOperator<String> change, String grace) throws IOException {
        Path own = directory.resolve(name + ".yaml");
        Files.writeString(own, change.apply(Files.readString(directory.resolve("cluster.yaml"))));
        start("scheduler-master", name, own, "--shadow", "--grace", grace);
        await(name + " follows")
                .atMost(PATIENCE)
                .failFast(() -> assertRuns(name))
                .until(() -> output(name).contains("follows the log"));
    }

    private void awaitLiving(String name) {
        awaitCount(1, "SELECT COUNT(*) FROM master WHERE state = 'live' AND name = '" + name + "'");
    }

    private void start(String role, String name, Path configuration, String... options) {
        List<String> command = new ArrayList<>(HEARING_SIGHUP);
        command.addAll(command(program, javaOptions, role, configuration, name));
        command.addAll(List.of(options));
        if (metricsPorts.containsKey(name)) {
            command.addAll(List.of("--log-format", "json"));
        }
        try {
            masters.put(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            directory.resolve(name + ".log").toFile()))
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}, of the master alone: what it has started goes on, as it would. */
    void kill(String name) throws InterruptedException {
        Process process = masters.remove(name);
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; waits for the end. */
    void stop(String name) throws InterruptedException {
        Process process = masters.remove(name);
        process.destroy();
        process.waitFor();
    }

    /** SIGTERM; the master may take its time. */
    void tellToStop(String name) {
        masters.get(name).destroy();
    }

    /** SIGHUP. */
    void hangUp(String name) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", "-HUP", String.valueOf(masters.get(name).pid()))
                        .inheritIO()
                        .start();
        assertThat(kill.waitFor()).isZero();
    }

    boolean runs(String name) {
        return masters.get(name).isAlive();
    }

    /** Waits for a master's end by itself, and returns its exit status. */
    int awaitEnd(String name) {
        Process process = masters.get(name);
        await(name + " ends").atMost(PATIENCE).until(() -> !process.isAlive());
        masters.remove(name);
        return process.exitValue();
    }

    /** A command of {@code bin/buildledger} that asks this cluster; its output is in a file. */
    Process ask(Path output, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(SMALL_JAVA);
        command.addAll(Program.UNPACKED.launch("scheduler-master"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--master", "http://127.0.0.1:" + port));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    /**
     * Runs a command that goes to the database itself to its end.
     *
     * @return its exit status, and what it printed
     */
    String run(Program version, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(SMALL_JAVA);
        command.addAll(version.launch("scheduler-master"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--config", directory.resolve("cluster.yaml").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() + ": " + printed;
    }

    String output(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }

    HttpResponse<String> sendChange(Map<String, String> fields)
            throws IOException, InterruptedException {
        String form =
                fields.entrySet().stream()
                        .map(field ->
                                field.getKey()
                                        + "="
                                        + URLEncoder.encode(
                                                field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&"));
        return post("/change_hook/base", form);
    }

    HttpResponse<String> post(String path, String form) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Asks for something that is to be granted. */
    String command(String path, String form) throws IOException, InterruptedException {
        HttpResponse<String> response = post(path, form);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        return response.body();
    }

    String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(uri(path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        return response.body();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(database.url(), database.user(), database.password());
    }

    long count(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    void update(String sql) throws SQLException {
        try (Connection connection = connection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** Holds the locks of what a query finds, until it is closed. */
    AutoCloseable lock(String sql) throws SQLException {
        Connection connection = connection();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql + " FOR UPDATE");
        }
        return connection;
    }

    /** The values of all rows of each table. */
    Map<String, List<byte[]>> contents() throws SQLException {
        Map<String, List<byte[]>> contents = new HashMap<>();
        try (Connection connection = connection()) {
            try (ResultSet tables =
                    connection
                            .getMetaData()
                            .getTables(
                                    connection.getCatalog(), null, "%", new String[] {"TABLE"})) {
                while (tables.next()) {
                    contents.put(tables.getString("TABLE_NAME"), new ArrayList<>());
                }
            }
            for (Map.Entry<String, List<byte[]>> table : contents.entrySet()) {
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery("SELECT * FROM " + table.getKey())) {
                    while (row.next()) {
                        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                            byte[] value = row.getBytes(i);
                            if (value != null) {
                                table.getValue().add(value);
                            }
                        }
                    }
                }
            }
        }
        return contents;
    }

    long events(String type) throws SQLException {
        return count("SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    void awaitEvents(long number, String type) {
        awaitCount(number, "SELECT COUNT(*) FROM event WHERE type = '" + type + "'");
    }

    void awaitCount(long number, String sql) {
        await(sql).atMost(PATIENCE).ignoreExceptions().until(() -> count(sql) == number);
    }

    @Override
    public void close() {
        for (Process process : masters.values()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        TestDatabase.drop(database);
        FileSystemUtils.deleteRecursively(directory.toFile());
    }
}
