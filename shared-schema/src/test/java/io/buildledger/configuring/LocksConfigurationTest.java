package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.domain.locking.LockDemand;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.stepping.LockAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocksConfigurationTest {

    private static final String GOOD =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            locks:
              - name: site
              - {name: licences, max_count: 4}
              - {name: disk, scope: worker, max_count: 1, max_count_for_worker: {w2: 3}}
              - {name: spare}
            builders:
              - name: linux
                worker_names: [w1, w2]
                max_builds: 6
                locks: [site, {name: disk, mode: counting, count: 1}]
                factory:
                  - shell: {command: make, locks: [{name: licences, mode: counting, count: 2}]}
            workers: [{name: w1}, {name: w2}]
            """;

    @TempDir Path directory;

    private Configuration read(String text) throws IOException {
        return ConfigurationFile.read(Files.writeString(directory.resolve("c.yaml"), text))
                .configuration();
    }

    @Test
    void a_builder_asks_for_its_locks_and_for_its_number_of_builds() throws IOException {
        Configuration configuration = read(GOOD);
        ConfiguredLocks locks = new ConfiguredLocks(configuration);

        List<LockDemand> demands = locks.of(configuration.builders().getFirst());

        assertThat(demands.stream().map(it -> it.on("w1", "w1")))
                .containsExactly(
                        new LockUse("site", LockMode.EXCLUSIVE, 1, 1),
                        new LockUse("disk/w1", LockMode.COUNTING, 1, 1),
                        new LockUse("builder:linux", LockMode.COUNTING, 1, 6));
        assertThat(demands.get(1).on("w2", "b1/w2"))
                .as("a local worker's own, with the count that the file gives it")
                .isEqualTo(new LockUse("disk/b1/w2", LockMode.COUNTING, 1, 3));
        assertThat(
                        locks.of(
                                configuration
                                        .builders()
                                        .getFirst()
                                        .factory()
                                        .getFirst()
                                        .arguments()
                                        .locks()))
                .containsExactly(
                        new LockDemand("licences", false, LockMode.COUNTING, 2, 4, Map.of()));
    }

    @Test
    void what_is_not_said_has_its_default() throws IOException {
        Configuration silent =
                read(
                        """
                        db_url: jdbc:mysql://db/buildledger
                        db_user: buildledger
                        locks: [{name: site}]
                        builders:
                          - {name: linux, worker_names: [w1], factory: []}
                          - {name: docs, worker_names: [w1], locks: [{name: site}], factory: []}
                        workers: [{name: w1}]
                        """);

        assertThat(silent.locks())
                .containsExactly(
                        new Configuration.Lock(
                                "site", 1, Configuration.Lock.Scope.CLUSTER, Map.of()));
        assertThat(new ConfiguredLocks(silent).of(silent.builders().getFirst())).isEmpty();
        assertThat(silent.builders().get(1).locks())
                .containsExactly(new LockAccess("site", LockAccess.Mode.EXCLUSIVE, 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    locks: [site,           | locks: [sight,         | c.yaml:12:13: builder linux: there is no lock 'sight' in this file: add it to locks
                    {name: licences, mode   | {name: licence, mode   | c.yaml:14:40: builder linux: step make: there is no lock 'licence' in this file: add it to locks
                    locks: [site,           | locks: [disk,          | c.yaml:12:19: builder linux: lock disk is named twice: keep one of them
                    {name: licences, mode   | {name: disk, mode      | c.yaml:14:40: builder linux: step make: its build holds lock disk already, so that the step would wait for itself: name it once, at the builder or at steps
                    counting, count: 2      | counting, count: 5     | c.yaml:14:73: builder linux: step make: lock licences: count 5 is more than its max_count, 4
                    counting, count: 1      | counting, count: 2     | c.yaml:12:48: builder linux: lock disk: count 2 is more than worker w1 has of it, 1
                    counting, count: 1      | counting, count: 0     | c.yaml:12:48: builder linux: lock disk: count must be at least 1
                    counting, count: 2      | exclusive, count: 2    | c.yaml:14:74: builder linux: step make: lock licences: count is for mode: counting, and an exclusive holder has all of the lock: remove it
                    counting, count: 2      | shared, count: 2       | c.yaml:14:57: builders[0].factory[0].shell.locks[0].mode: 'shared' is not one of exclusive, counting
                    max_builds: 6           | max_builds: 0          | c.yaml:11:5: builder linux: max_builds must be at least 1
                    {name: spare            | {name: site             | c.yaml:7:6: there are two locks named 'site': rename one
                    {name: spare            | {name: a/b              | c.yaml:7:6: lock 'a/b': the name of a lock has no slash and no colon
                    {name: spare            | {name: 'a:b'            | c.yaml:7:6: lock 'a:b': the name of a lock has no slash and no colon
                    - name: site            | - max_count: 2         | c.yaml:4:5: a lock has no name: add name: ...
                    max_count: 4            | max_count: 0           | c.yaml:5:22: lock licences: max_count must be at least 1
                    {w2: 3}                 | {w3: 3}                | c.yaml:6:70: lock disk: there is no worker 'w3' in this file: add it to workers
                    {w2: 3}                 | {w2: 0}                | c.yaml:6:70: lock disk: max_count_for_worker of w2 must be at least 1
                    {name: spare            | {scope: worker, name: a-lock-of-each-worker-whose-name-is-too-long-for-the-stream-of-one-of-a-local-worker-of-a-master | c.yaml:7:21: lock 'a-lock-of-each-worker-whose-name-is-too-long-for-the-stream-of-one-of-a-local-worker-of-a-master': the name of a lock with scope: worker has at most 80 characters
                    scope: worker,          | scope: cluster,        | c.yaml:6:48: lock disk: max_count_for_worker is for a lock that each worker has one of: write scope: worker, or remove it
                    scope: worker,          | scope: all,            | c.yaml:6:18: locks[2].scope: 'all' is not one of cluster, worker
                    """)
    void what_is_wrong_is_told(String right, String wrong, String message) throws IOException {
        assertThat(GOOD).contains(right);
        Path file = Files.writeString(directory.resolve("c.yaml"), GOOD.replace(right, wrong));

        InvalidConfigurationException refusal =
                catchThrowableOfType(
                        InvalidConfigurationException.class, () -> ConfigurationFile.read(file));

        assertThat(refusal).as(wrong).isNotNull();
        assertThat(refusal.problems()).containsExactly(directory + "/" + message);
    }
}
