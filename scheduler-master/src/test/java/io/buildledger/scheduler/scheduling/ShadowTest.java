package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.Shadow;
import io.buildledger.scheduler.supposing.Shadow.Terms;
import io.buildledger.scheduler.supposing.Shadow.Voice;
import io.buildledger.scheduler.supposing.WhatIf;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A shadow on a real log, with an account that may only read it. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class ShadowTest {

    private static final Instant START = Instant.parse("2020-03-29T00:40:00Z");
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final List<String> warned = new ArrayList<>();

    /** All types at work, from the start of a master to its end. */
    private static SteeredCluster lived(ConfigurationFile file, long seed) {
        SteeredCluster cluster = new SteeredCluster(START, file, SupposedSchedulersTest::byChance);
        cluster.master(new MasterStarted("s1", 1, "scheduler", "here", 1, Map.of()));
        SupposedSchedulersTest.story(START, seed).forEach(it -> it.accept(cluster));
        cluster.master(new MasterStopped("s1", 1));
        return cluster;
    }

    private Shadow shadow(Database database, ConfigurationFile file) {
        return new Shadow(
                database,
                new Terms(START.minusSeconds(1), null, GRACE, true),
                () -> file,
                new Voice(said::add, warned::add));
    }

    private List<String> differences() {
        return said.stream().filter(it -> it.matches("[-+~] .*")).toList();
    }

    /** An account that may do nothing but read. */
    private record Reader(TestLog test, Database database) implements AutoCloseable {

        private static List<String> accounts() {
            String name = "shadow_" + ProcessHandle.current().pid();
            return List.of("'%s'@'localhost'".formatted(name), "'%s'@'%%'".formatted(name));
        }

        static Reader of(TestLog test) {
            String schema = test.jdbc.sql("SELECT DATABASE()").query(String.class).single();
            for (String account : accounts()) {
                test.jdbc
                        .sql("CREATE USER %s IDENTIFIED BY 'shadow-4711'".formatted(account))
                        .update();
                test.jdbc.sql("GRANT SELECT ON %s.* TO %s".formatted(schema, account)).update();
            }
            return new Reader(
                    test,
                    new Database(
                            test.database.url(),
                            "shadow_" + ProcessHandle.current().pid(),
                            "shadow-4711"));
        }

        /** A checksum of each table. */
        Map<String, Long> contents() {
            List<String> tables =
                    test.jdbc
                            .sql(
                                    "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'")
                            .query(String.class)
                            .list();
            Map<String, Long> contents = new TreeMap<>();
            test.jdbc
                    .sql("CHECKSUM TABLE " + String.join(", ", tables))
                    .query(row -> {
                        contents.put(row.getString(1), row.getLong(2));
                    });
            return contents;
        }

        @Override
        public void close() {
            accounts().forEach(it -> test.jdbc.sql("DROP USER " + it).update());
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 3})
    void of_the_file_in_force_nothing_differs_and_nothing_is_written(long seed) throws Exception {
        ConfigurationFile file = new RandomFile(new Random(seed)).file(false);
        try (SteeredCluster cluster = lived(file, seed);
                Reader reader = Reader.of(cluster.test())) {
            Map<String, Long> before = reader.contents();

            boolean isSame = shadow(reader.database(), file).run();

            assertThat(differences()).isEmpty();
            assertThat(isSame).isTrue();
            assertThat(warned).isEmpty();
            int made = cluster.made().size();
            assertThat(said)
                    .hasSize(2)
                    .last()
                    .asString()
                    .contains(
                            "%d buildsets made, %d would have been: %d the same, 0 otherwise, 0 only here, 0 only by the cluster, 0 not compared yet"
                                    .formatted(made, made, made));
            assertThat(reader.contents()).isEqualTo(before);
        }
    }

    /** But for what would be built otherwise: what-if has it built. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void of_another_file_that_differs_which_what_if_tells_of(long seed) throws Exception {
        RandomFile files = new RandomFile(new Random(seed));
        ConfigurationFile one = files.file(false);
        ConfigurationFile other = files.file(false);
        try (SteeredCluster cluster = lived(one, seed)) {
            assertThat(shadow(cluster.database(), other).run()).isFalse();

            Answer answer =
                    WhatIf.of(
                            cluster.database(),
                            other,
                            new Question(START.minusSeconds(1), null, null, Map.of()));
            List<String> supposed =
                    Stream.concat(
                                    answer.wouldMake().stream()
                                            .filter(it -> it.buildset() == null)
                                            .map(it ->
                                                    "+ %s %s, ".formatted(it.at(), it.scheduler())),
                                    answer.wouldNotMake().stream()
                                            .map(it ->
                                                    "- %s %s, ".formatted(it.at(), it.scheduler())))
                            .filter(it -> !it.contains(" dependent"))
                            .sorted()
                            .toList();
            List<String> told =
                    differences().stream()
                            .filter(it -> !it.startsWith("~"))
                            .map(it -> it.substring(0, it.indexOf(',') + 2))
                            .filter(it -> !it.contains(" dependent"))
                            .toList();
            assertThat(told).hasSizeGreaterThan(5);
            assertThat(supposed).containsAll(told);
            // At the end what-if waits for nothing.
            assertThat(supposed).hasSizeLessThanOrEqualTo(told.size() + waiting());
        }
    }

    private int waiting() {
        return Integer.parseInt(said.getLast().replaceFirst(".* (\\d+) not compared yet", "$1"));
    }

    private static ConfigurationFile file(String builders) {
        return ServedLog.file(
                """
                db_poll_interval: 20ms
                builders:
                  - {name: linux, worker_names: [w], factory: []}
                  - {name: docs, worker_names: [w], factory: []}
                workers: [{name: w}]
                schedulers:
                  - any_branch: {name: main, builder_names: %s}
                """
                        .formatted(builders));
    }

    @Test
    void it_follows_what_comes_and_begins_anew_with_another_file() throws Exception {
        try (TestLog test = new TestLog()) {
            TestStory story = new TestStory(test);
            List<ConfigurationFile> files =
                    new ArrayList<>(List.of(file("[linux]"), file("[docs]")));
            Shadow shadow =
                    new Shadow(
                            test.database,
                            new Terms(null, null, GRACE, false),
                            files::removeFirst,
                            new Voice(said::add, warned::add));
            Thread thread =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    shadow.run();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            });
            await().until(() -> said.size() == 1);
            Schedulers schedulers =
                    new Schedulers(
                            new ConfiguredSchedulers(file("[docs]").schedulers()),
                            test.log,
                            test.dataSource,
                            test.buildsets,
                            new SchedulerStatuses(test.log, test.dataSource),
                            new PositionCopies(test.jdbc),
                            TestStory.SCHEDULER,
                            Instant::now);
            schedulers.start();
            try {
                story.change("me", "r1", "so");
                await().until(() -> said.size() == 2);
            } finally {
                schedulers.stop();
            }
            shadow.reload();
            await().until(() -> said.size() == 5);
            shadow.stop();
            thread.join();
        }
        assertThat(warned).isEmpty();
        assertThat(said.get(0)).startsWith("follows the log from ");
        assertThat(said.get(1))
                .contains(
                        "main, change 1: would have made buildset 1 otherwise: on linux besides; not on docs");
        assertThat(said.get(2)).contains("1 changes; 1 buildsets made");
        assertThat(said.get(3)).isEqualTo("the configuration was read anew");
        assertThat(said.get(4)).startsWith("follows the log from ");
    }

    @Test
    void what_a_newer_program_wrote_is_no_guess() {
        try (TestLog test = new TestLog()) {
            test.appendOfNewerProgram(Streams.change(1), "change-received", "7");

            assertThatThrownBy(() -> shadow(test.database, file("[linux]")).run())
                    .isInstanceOf(NewerProgramException.class)
                    .hasMessageContaining("change/1@0 is change-received, revision 7");
        }
    }
}
