package io.buildledger.reloading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.CollapseRequests;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.ConfigurationInForce;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.log.Author;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.reloading.ReloadRequests.Outcome;
import io.buildledger.testing.TestDatabase;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ReloadingTest {

    private static final Author PEOPLE = new Author("s", 1);
    private static final String ONE_BUILDER =
            """
            db_url: jdbc:mysql://unused/unused
            db_user: unused
            builders:
              - {name: linux, worker_names: [w], factory: []}
            workers: [{name: w}]
            """;
    private static final String TWO_BUILDERS =
            ONE_BUILDER.replace(
                    "workers:", "  - {name: docs, worker_names: [w], factory: []}\nworkers:");

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final List<Reloadable> parts = new ArrayList<>();
    private final List<String> applied = new ArrayList<>();

    @TempDir Path directory;
    private Path file;
    private Author b1;
    private ConfigurationInForce inForce;
    private Reloading reloading;

    @BeforeEach
    void begin() throws IOException {
        file = directory.resolve("cluster.yaml");
        write(ONE_BUILDER);
        b1 = register("b1");
        inForce = new ConfigurationInForce(ConfigurationFile.read(file));
        part("first");
        part("second");
        reloading = reloading("builder");
    }

    @AfterEach
    void close() {
        test.close();
    }

    private Author register(String name) {
        return registry.register(
                new Registration(
                        name,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Map.of("linux", "f00d"),
                        null));
    }

    private Reloading reloading(String role) {
        return new Reloading(inForce, parts::stream, test.log, registry, b1, role);
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    private void part(String name) {
        parts.add(next -> () -> applied.add(name + ": " + next.configuration().builders().size()));
    }

    private void partThatRefuses(String... problems) {
        parts.add(_ -> {
            throw new InvalidConfigurationException(List.of(problems));
        });
    }

    private List<Object> events() {
        return test.log.read("master/b1").stream().map(Recorded::event).skip(1).toList();
    }

    private List<String> served() {
        return test.jdbc
                .sql("SELECT builder FROM master_builder WHERE master = 'b1' ORDER BY builder")
                .query(String.class)
                .list();
    }

    private void assertNothingHasChanged() {
        assertThat(applied).isEmpty();
        assertThat(inForce.file().configuration().builders()).hasSize(1);
        assertThat(served()).containsExactly("linux");
    }

    @Test
    void a_signal_puts_the_file_as_it_is_now_in_force_in_every_part_and_records_what_differs()
            throws IOException {
        write(TWO_BUILDERS);
        assertNothingHasChanged();

        reloading.signalled();
        reloading.runOnce();

        assertThat(applied).containsExactly("first: 2", "second: 2");
        assertThat(inForce.file().configuration().builders()).hasSize(2);
        assertThat(served()).containsExactly("docs", "linux");
        assertThat(events())
                .containsExactly(
                        new ConfigurationReloaded(
                                "b1",
                                1,
                                "signal",
                                List.of("builders.docs: added"),
                                ConfigurationFile.read(file).fingerprints()));
        reloading.runOnce();
        assertThat(events()).hasSize(1);
    }

    @Test
    void who_asks_over_the_log_is_answered_once_and_in_turn() throws IOException {
        write(TWO_BUILDERS);
        registry.askToReload(PEOPLE, "b1", "ann");
        registry.askToReload(PEOPLE, "b1", "bob");

        reloading.runOnce();
        reloading.runOnce();

        assertThat(events())
                .filteredOn(ConfigurationReloaded.class::isInstance)
                .extracting(it -> ((ConfigurationReloaded) it).requestedBy())
                .containsExactly("ann", "bob");
        List<Recorded> recorded = test.log.read("master/b1");
        assertThat(recorded.get(1).event())
                .isEqualTo(new ConfigurationReloadRequested("b1", 1, "ann"));
        assertThat(recorded.get(3).metadata().get("cause")).isEqualTo(recorded.get(1).id());
        assertThat(recorded.get(4).metadata().get("cause")).isEqualTo(recorded.get(2).id());
        assertThat(((ConfigurationReloaded) recorded.get(4).event()).differences()).isEmpty();
    }

    @Test
    void what_was_asked_of_an_earlier_life_is_not_done() {
        registry.askToReload(PEOPLE, "b1", "ann");
        b1 = register("b1");

        reloading("builder").runOnce();

        assertThat(events()).noneMatch(ConfigurationReloaded.class::isInstance);
    }

    @Test
    void a_file_that_is_not_valid_changes_nothing_and_all_that_is_wrong_is_recorded()
            throws IOException {
        write(TWO_BUILDERS.replace("db_user: unused", "db_usr: unused") + "lease: long\n");

        reloading.signalled();
        reloading.runOnce();

        assertNothingHasChanged();
        assertThat(events())
                .singleElement()
                .isInstanceOfSatisfying(
                        ConfigurationReloadRefused.class,
                        refused ->
                                assertThat(refused.problems())
                                        .hasSize(2)
                                        .anyMatch(it -> it.startsWith(file + ":2:1: db_usr: "))
                                        .anyMatch(it -> it.startsWith(file + ":7:1: lease: ")));
        write(TWO_BUILDERS);
        reloading.signalled();
        reloading.runOnce();
        assertThat(applied).containsExactly("first: 2", "second: 2");
    }

    @Test
    void a_file_that_is_gone_changes_nothing() throws IOException {
        Files.delete(file);

        reloading.signalled();
        reloading.runOnce();

        assertNothingHasChanged();
        assertThat(events())
                .containsExactly(
                        new ConfigurationReloadRefused(
                                "b1", 1, "signal", List.of(file + ": there is no such file")));
    }

    @Test
    void what_needs_a_restart_is_refused_by_name_together_with_what_a_part_can_t_go_by()
            throws IOException {
        write(TWO_BUILDERS.replace("db_user: unused", "db_user: other") + "web: {port: 1}\n");
        partThatRefuses("cluster.yaml:1:1: secret_file: there is no file x");

        reloading.signalled();
        reloading.runOnce();

        assertNothingHasChanged();
        assertThat(events())
                .containsExactly(
                        new ConfigurationReloadRefused(
                                "b1",
                                1,
                                "signal",
                                List.of(
                                        file
                                                + ":2:1: db_user: unused -> other: a master reads 'db_user' only when it starts: restart it, or put the former value back",
                                        "cluster.yaml:1:1: secret_file: there is no file x")));
    }

    @Test
    void a_key_of_another_role_is_no_reason_to_refuse() throws IOException {
        write(TWO_BUILDERS + "web: {port: 1}\n");

        reloading.signalled();
        reloading.runOnce();

        assertThat(applied).hasSize(2);
    }

    @Test
    void without_a_database_nothing_is_put_in_force_until_it_is_back() throws IOException {
        write(TWO_BUILDERS);
        test.jdbc.sql("RENAME TABLE master_builder TO away").update();
        reloading.signalled();

        // Refused for good, unlike an outage: dropped, and asked for anew.
        assertThatThrownBy(reloading::runOnce).hasStackTraceContaining("master_builder");

        test.jdbc.sql("RENAME TABLE away TO master_builder").update();
        assertNothingHasChanged();
        assertThat(events()).isEmpty();
        reloading.runOnce();
        assertNothingHasChanged();
        reloading.signalled();
        reloading.runOnce();
        assertThat(applied).hasSize(2);
    }

    @Test
    void a_restart_of_the_database_delays_what_was_asked() throws IOException {
        write(TWO_BUILDERS);
        test.dataSource.getHikariPoolMXBean().softEvictConnections();
        reloading.signalled();
        TestDatabase.restart();

        await().ignoreExceptions()
                .until(() -> {
                    reloading.runOnce();
                    return true;
                });

        assertThat(applied).containsExactly("first: 2", "second: 2");
        assertThat(events()).hasSize(1);
    }

    @Test
    void a_master_whose_life_is_over_keeps_what_it_has() throws IOException {
        write(TWO_BUILDERS);
        register("b1");

        reloading.signalled();
        reloading.runOnce();

        assertNothingHasChanged();
        assertThat(events()).noneMatch(ConfigurationReloaded.class::isInstance);
    }

    @Test
    void a_part_that_fails_all_the_same_does_not_keep_the_others_back() throws IOException {
        write(TWO_BUILDERS);
        parts.addFirst(_ ->
                () -> {
                    throw new IllegalStateException("a bug");
                });

        reloading.signalled();
        reloading.runOnce();

        assertThat(applied).containsExactly("first: 2", "second: 2");
    }

    @Test
    void secrets_are_neither_in_differences_nor_in_problems() throws IOException {
        write(ONE_BUILDER.replace("unused/unused", "unused/unused?password=hunter2"));
        reloading.signalled();
        reloading.runOnce();
        write(ONE_BUILDER.replace("jdbc:mysql://", "mysql://me:hunter2@"));
        reloading.signalled();
        reloading.runOnce();

        assertThat(events()).hasSize(2).noneMatch(it -> it.toString().contains("hunter2"));
        assertThat(events().getFirst().toString()).contains("db_url: changed");
    }

    @Test
    void an_event_lists_so_many_differences_and_says_how_many_more_there_are() throws IOException {
        write(
                ONE_BUILDER.replace(
                        "workers:",
                        IntStream.range(0, 250)
                                .mapToObj(
                                        "  - {name: b%d, worker_names: [w], factory: []}\n"
                                                ::formatted)
                                .collect(Collectors.joining("", "", "workers:"))));

        reloading.signalled();
        reloading.runOnce();

        assertThat(((ConfigurationReloaded) events().getFirst()).differences())
                .hasSize(201)
                .endsWith("builders.b199: added", "and 50 more");
    }

    @Test
    void a_scheduler_master_serves_no_builder() throws IOException {
        reloading = reloading("scheduler");
        write(TWO_BUILDERS + "collapse_requests: true\n");

        reloading.signalled();
        reloading.runOnce();

        assertThat(served()).isEmpty();
        assertThat(inForce.collapseRequestsOf("docs")).isEqualTo(new CollapseRequests(true, null));
    }

    private Outcome ask(String master, Runnable meanwhile, Duration patience)
            throws InterruptedException {
        return new ReloadRequests(test.log, registry, meanwhile, System::nanoTime)
                .askAndWait(PEOPLE, master, "ann", patience);
    }

    @Test
    void who_asks_is_told_what_came_of_it() throws Exception {
        write(TWO_BUILDERS);
        Duration patience = Duration.ofSeconds(30);

        assertThat(ask("b1", reloading::runOnce, patience))
                .isEqualTo(new Outcome.Reloaded(List.of("builders.docs: added")));
        write("");
        assertThat(ask("b1", reloading::runOnce, patience))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused ->
                                assertThat(refused.problems())
                                        .singleElement()
                                        .asString()
                                        .contains("the file is empty"));
        assertThat(ask("b1", () -> {}, Duration.ZERO)).isEqualTo(new Outcome.Pending());
        assertThat(ask("b1", () -> registry.stop(b1), patience)).isEqualTo(new Outcome.Over());
        assertThat(ask("b1", () -> {}, patience)).isEqualTo(new Outcome.NotLiving());
        assertThat(ask("b2", () -> {}, patience)).isEqualTo(new Outcome.NotLiving());
    }

    /** Commits, and then says that it does not know. */
    private static final class UnansweredCommit extends DelegatingDataSource {

        private boolean isNext = true;

        UnansweredCommit(DataSource target) {
            super(target);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            return (Connection)
                    Proxy.newProxyInstance(
                            UnansweredCommit.class.getClassLoader(),
                            new Class<?>[] {Connection.class},
                            (_, method, arguments) -> {
                                Object answer = method.invoke(connection, arguments);
                                if (method.getName().equals("commit") && isNext) {
                                    isNext = false;
                                    throw new SQLException("the connection was lost", "08S01");
                                }
                                return answer;
                            });
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_reload_whose_commit_went_unanswered_is_put_in_force_once_the_log_says_that_it_took_place(
            boolean bySignal) throws IOException {
        UnansweredCommit dataSource = new UnansweredCommit(test.dataSource);
        try (EventLog log =
                new EventLog(
                        dataSource,
                        new JdbcTransactionManager(dataSource),
                        Duration.ofSeconds(1))) {
            reloading =
                    new Reloading(
                            inForce,
                            parts::stream,
                            log,
                            new MasterRegistry(log, dataSource, dataSource),
                            b1,
                            "builder");
            write(TWO_BUILDERS);
            if (bySignal) {
                reloading.signalled();
            } else {
                registry.askToReload(PEOPLE, "b1", "ann");
            }

            assertThatThrownBy(reloading::runOnce).hasStackTraceContaining("connection was lost");
            assertThat(applied).isEmpty();
            assertThat(served()).containsExactly("docs", "linux");
            reloading.runOnce();
            reloading.runOnce();

            assertThat(applied).containsExactly("first: 2", "second: 2");
            assertThat(events()).filteredOn(ConfigurationReloaded.class::isInstance).hasSize(1);
        }
    }
}
