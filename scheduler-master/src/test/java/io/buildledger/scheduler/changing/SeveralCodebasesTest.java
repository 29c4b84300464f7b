package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.commanding.SchedulerCommands;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.SchedulerSwitched;
import io.buildledger.domain.scheduling.SchedulerEvent.ChangeTaken;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;

/** Changes of several repositories, from their intake to the buildsets that have all of them. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SeveralCodebasesTest {

    private static final String APP = "https://git.example.org/app.git";
    private static final String LIB = "https://git.example.org/lib.git";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final ConfigurationFile FILE =
            ServedLog.file(
                    """
                    codebases:
                      - {name: app, repositories: ["git@git.example.org:app"]}
                      - {name: lib, repository_re: ".*/lib[.]git"}
                    schedulers:
                      - single_branch:
                          name: default
                          branch: main
                          builder_names: [linux]
                          codebases:
                            lib: {repository: "https://git.example.org/lib.git", branch: stable, revision: l0}
                            app: {repository: "https://git.example.org/app.git", branch: main}
                      - single_branch:
                          name: newest
                          branch: main
                          builder_names: [linux]
                          create_absolute_source_stamps: true
                          codebases: [app, lib]
                      - any_branch: {name: only_lib, builder_names: [linux], codebases: [lib]}
                    builders:
                      - {name: linux, worker_names: [w1], factory: []}
                    workers: [name: w1]
                    """);

    private final ServedLog served = new ServedLog(0, File.class);
    private final ChangeIntake intake =
            new ChangeIntake(
                    served.test.log,
                    served.test.dataSource,
                    served.test.numbers,
                    TestStory.SCHEDULER,
                    new CodebaseRules(FILE.configuration().codebases()));

    static class File {
        @Bean
        ConfigurationFile fileOfSeveralCodebases() {
            return FILE;
        }
    }

    @BeforeEach
    void configure() {
        // Whoever starts, ends or is lost: an event.
        served.test.insertRaw("master/s");
        await().until(() ->
                served.test.count("SELECT COUNT(*) FROM event WHERE type = 'scheduler-configured'")
                        == 3);
    }

    @AfterEach
    void close() {
        served.close();
    }

    private long change(String repository, String revision) {
        return intake.take(
                new NewChange(
                        repository,
                        "main",
                        revision,
                        "",
                        "",
                        null,
                        "ann",
                        "",
                        List.of("a"),
                        null,
                        Instant.EPOCH,
                        Map.of(),
                        "base"));
    }

    private List<BuildsetSubmitted> buildsets(String scheduler) {
        return served
                .test
                .jdbc
                .sql(
                        "SELECT stream FROM event WHERE type = 'buildset-submitted' ORDER BY global_index")
                .query(String.class)
                .list()
                .stream()
                .map(it -> served.test.log.find(it, 0).orElseThrow())
                .map(Recorded::event)
                .map(BuildsetSubmitted.class::cast)
                .filter(it -> it.scheduler().equals(scheduler))
                .toList();
    }

    private List<SourceStamp> stamps(String scheduler, int buildset) {
        await().until(() -> buildsets(scheduler).size() == buildset);
        return buildsets(scheduler).getLast().sourceStamps();
    }

    private static SourceStamp app(String revision) {
        return new SourceStamp(APP, "main", revision, "", "app");
    }

    private static SourceStamp lib(String revision) {
        return new SourceStamp(LIB, "main", revision, "", "lib");
    }

    @Test
    void a_buildset_has_a_source_stamp_of_each_codebase_whichever_has_changed() {
        change(APP, "a1");

        SourceStamp stable = new SourceStamp(LIB, "stable", "l0", "", "lib");
        assertThat(stamps("default", 1)).containsExactly(app("a1"), stable);
        assertThat(stamps("newest", 1))
                .containsExactly(app("a1"), new SourceStamp("", null, null, "", "lib"));

        change(LIB, "l1");

        assertThat(stamps("default", 2))
                .containsExactly(new SourceStamp(APP, "main", null, "", "app"), lib("l1"));
        assertThat(stamps("newest", 2)).containsExactly(app("a1"), lib("l1"));
        assertThat(stamps("only_lib", 1)).containsExactly(lib("l1"));
    }

    @Test
    void changes_of_two_repositories_are_one_buildset_of_both() throws Exception {
        SchedulerCommands commands = new SchedulerCommands(served.test.log, System::nanoTime);
        commands.askAndWait(
                TestStory.SCHEDULER, new SchedulerSwitched("default", false, "me", ""), PATIENCE);
        change(APP, "a1");
        change(LIB, "l1");
        change(APP, "a2");
        commands.askAndWait(
                TestStory.SCHEDULER, new SchedulerSwitched("default", true, "me", ""), PATIENCE);

        assertThat(stamps("default", 1)).containsExactly(app("a2"), lib("l1"));
        assertThat(buildsets("default").getFirst().changeIds()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void buildsets_of_the_same_sources_say_the_same() {
        change(APP, "a1");
        stamps("newest", 1);
        change(LIB, "l1");

        assertThat(stamps("newest", 2).getLast()).isEqualTo(stamps("only_lib", 1).getFirst());
    }

    @Test
    void a_change_that_no_rule_takes_is_of_no_codebase_and_nothing_to_them() {
        change("https://git.example.org/other.git", "o1");
        long known = change(APP, "a1");
        stamps("default", 1);

        assertThat(served.test.log.read(Streams.scheduler("default")).stream().map(Recorded::event))
                .filteredOn(ChangeTaken.class::isInstance)
                .extracting(it -> ((ChangeTaken) it).changeId())
                .containsExactly(known);
    }
}
