package io.buildledger.scheduler.scheduling;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.scheduler.scheduling.SteeredCluster.Made;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.scheduler.supposing.Answer;
import io.buildledger.scheduler.supposing.Answer.OfScheduler;
import io.buildledger.scheduler.supposing.WhatIf;
import io.buildledger.scheduler.supposing.WhatIf.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The commits of a real project, at the times when its people pushed them; where these are not at
 * hand, some of the same shape. A hundred of them are enough for each build; with {@code
 * -Dbuildledger.history=5000} there are all.
 */
@DisplayNameGeneration(ReplaceUnderscores.class)
class SupposedHistoryTest {

    private static final int MOST = Integer.getInteger("buildledger.history", 100);
    private static final JsonMapper JSON = new JsonMapper();

    private static final String BUILDERS =
            """
            builders:
              - {name: unit, worker_names: [w], factory: []}
              - {name: lint, worker_names: [w], factory: []}
              - {name: docs, worker_names: [w], factory: []}
              - {name: package, worker_names: [w], factory: []}
            workers: [{name: w}]
            """;

    /** All is built after a minute of calm, and packages each night. */
    private static final ConfigurationFile FORMER =
            ServedLog.file(
                    BUILDERS
                            + """
                            schedulers:
                              - single_branch: {name: main, builder_names: [unit, lint, docs], branch: master, tree_stable_timer: 60s}
                              - nightly: {name: nightly, builder_names: [package], cron: "0 2 * * *"}
                            """);

    /** The manual by itself, code when there is calm for longer, and packages if there is cause. */
    private static final ConfigurationFile CANDIDATE =
            ServedLog.file(
                    BUILDERS
                            + """
                            schedulers:
                              - single_branch:
                                  name: main
                                  builder_names: [unit, lint]
                                  branch: master
                                  tree_stable_timer: 5m
                                  file_is_important: {exclude: [master/docs/, "**/*.rst", newsfragments/]}
                                  only_important: true
                              - single_branch:
                                  name: manual
                                  builder_names: [docs]
                                  branch: master
                                  file_is_important: {include: [master/docs/, "**/*.rst"]}
                                  only_important: true
                              - nightly:
                                  name: nightly
                                  builder_names: [package]
                                  cron: "30 2 * * mon-fri"
                                  time_zone: Europe/Berlin
                                  only_if_changed: true
                              - dependent: {name: deploy, builder_names: [package], upstream: main}
                            """);

    private static List<ChangeReceived> changes() throws IOException {
        Path at = Path.of("").toAbsolutePath();
        String inside = "shared/data/changes/buildbot-2021-2025.jsonl";
        while (at.getParent() != null && !Files.isRegularFile(at.resolve(inside))) {
            at = at.getParent();
        }
        Path file = at.resolve(inside);
        List<JsonNode> commits =
                (Files.isRegularFile(file) ? Files.readAllLines(file) : made())
                        .stream()
                                .map(JSON::readTree)
                                .sorted(Comparator.comparingLong(it -> it.path("when").asLong()))
                                .limit(MOST)
                                .toList();
        List<ChangeReceived> changes = new ArrayList<>();
        commits.forEach(commit -> changes.add(change(changes.size() + 1, commit)));
        return changes;
    }

    /** Bursts, quiet days, two branches, and some that touch the manual only. */
    private static List<String> made() {
        List<String> lines = new ArrayList<>();
        long when = 1_609_533_765;
        for (int i = 0; i < MOST; i++) {
            when += i % 7 == 0 ? 90_000 : i % 3 == 0 ? 400 : 1;
            lines.add(
                    """
                    {"revision":"%d","branch":"%s","when":%d,"who":"author-1","files":["%s"]}\
                    """
                            .formatted(
                                    i,
                                    i % 11 == 0 ? "stable" : "master",
                                    when,
                                    i % 5 == 0 ? "master/docs/a.rst" : "master/buildbot/a.py"));
        }
        return lines;
    }

    private static ChangeReceived change(long id, JsonNode commit) {
        List<String> files = new ArrayList<>();
        commit.path("files").forEach(it -> files.add(it.asString()));
        return new ChangeReceived(
                id,
                "buildbot",
                commit.path("branch").asString(),
                commit.path("revision").asString(),
                "",
                "",
                null,
                commit.path("who").asString(),
                "",
                files,
                null,
                Instant.ofEpochSecond(commit.path("when").asLong()),
                Map.of(),
                "git_poller");
    }

    private static SteeredCluster lived(ConfigurationFile file, List<ChangeReceived> changes) {
        SteeredCluster cluster =
                new SteeredCluster(
                        changes.getFirst().when().minusSeconds(60),
                        file,
                        (_, _) -> Results.SUCCESS);
        changes.forEach(it -> cluster.change(it.when(), it));
        return cluster;
    }

    @Test
    void what_is_supposed_of_other_schedulers_is_what_they_make_of_it() throws Exception {
        List<ChangeReceived> changes = changes();
        try (SteeredCluster cluster = lived(FORMER, changes)) {
            Question all = new Question(null, Duration.ofDays(3650), null, Map.of());

            Answer same = WhatIf.of(cluster.database(), FORMER, all);
            Answer answer = WhatIf.of(cluster.database(), CANDIDATE, all);

            assertThat(same.isSame()).isTrue();
            assertThat(SupposedSchedulersTest.made(same)).isEqualTo(cluster.made());
            try (SteeredCluster real = lived(CANDIDATE, changes)) {
                List<Made> made = real.made();
                assertThat(SupposedSchedulersTest.made(answer)).isEqualTo(made);
                System.out.printf(
                        "%d changes: %d buildsets were made; %d would have been, and were made by a cluster with that file%n",
                        changes.size(), cluster.made().size(), made.size());
                for (OfScheduler it : answer.schedulers()) {
                    System.out.println(it);
                }
            }
        }
    }
}
