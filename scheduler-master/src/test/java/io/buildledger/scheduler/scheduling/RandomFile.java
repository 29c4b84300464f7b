package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.scheduler.serving.ServedLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Files of the same schedulers, two of each type, that say something else of them each time. */
final class RandomFile {

    private static final int OF_EACH_TYPE = 2;
    private static final List<String> TYPES =
            List.of(
                    "single_branch",
                    "any_branch",
                    "dependent",
                    "periodic",
                    "nightly",
                    "triggerable",
                    "nightly_triggerable",
                    "force",
                    "try");

    private static final String BUILDERS =
            """
            builders:
              - {name: linux, worker_names: [w], factory: []}
              - {name: docs, worker_names: [w], factory: []}
            workers: [{name: w}]
            schedulers:
            """;

    private final Random random;

    RandomFile(Random random) {
        this.random = random;
    }

    /**
     * @param renamed whether the first of each type has another name, and had its own before
     */
    List<BoundScheduler> schedulers(boolean renamed) {
        return file(renamed).schedulers();
    }

    /** The same, with what else such a file has. */
    ConfigurationFile file(boolean renamed) {
        StringBuilder file = new StringBuilder(BUILDERS);
        for (String type : TYPES) {
            for (int i = 1; i <= OF_EACH_TYPE; i++) {
                boolean isRenamed = renamed && i == 1;
                file.append(
                        "  - %s: {%s}\n"
                                .formatted(
                                        type,
                                        String.join(
                                                ", ",
                                                keys(
                                                        type,
                                                        isRenamed
                                                                ? "name: new_%s_1, renamed_from: %s_1"
                                                                        .formatted(type, type)
                                                                : "name: %s_%d"
                                                                        .formatted(type, i)))));
            }
        }
        return ServedLog.file(file.toString());
    }

    private List<String> keys(String type, String names) {
        List<String> keys = new ArrayList<>();
        keys.add(names);
        keys.add(one("builder_names: [linux, docs]", "builder_names: [docs]"));
        keys.add(one("properties: {a: 1, b: [x]}", "properties: {}"));
        keys.add(one("priority: 2", "priority: {by_branch: [{branch: \"s.*\", priority: 5}]}"));
        keys.add(one("reason: \"%(name)s\"", "queue_timeout: 90d"));
        if (!type.equals("dependent")) {
            keys.add(
                    "codebases: " + one("{\"\": {branch: trunk}, lib: {repository: l}}", "[\"\"]"));
        }
        switch (type) {
            case "single_branch" -> {
                onChanges(keys);
                keys.add(one("branch: main", "change_filter: {branch_not_eq: other}"));
                keys.add("tree_stable_timer: " + one("0", "20", "90s"));
            }
            case "any_branch" -> {
                onChanges(keys);
                keys.add("tree_stable_timer: " + one("0", "20", "90s"));
            }
            // The second of its type is never renamed.
            case "dependent" -> keys.add("upstream: " + one("single_branch_2", "any_branch_2"));
            case "periodic" -> {
                onChanges(keys);
                keys.add("periodic_build_timer: " + one("50s", "10m"));
                keys.add("only_if_changed: " + one("true", "false"));
            }
            case "nightly" -> {
                onChanges(keys);
                onCalendar(keys);
                keys.add("only_if_changed: " + one("true", "false"));
                keys.add(one("force_at: \"*/3 * * * *\"", "branch: main"));
            }
            case "nightly_triggerable" -> onCalendar(keys);
            default -> {}
        }
        return keys;
    }

    private void onChanges(List<String> keys) {
        keys.add("file_is_important: {exclude: docs/}");
        keys.add("only_important: " + one("true", "false", "false"));
        keys.add("create_absolute_source_stamps: " + one("true", "false"));
    }

    private void onCalendar(List<String> keys) {
        keys.add(
                "cron: "
                        + one(
                                "\"* * * * *\"",
                                "\"*/7 * * * *\"",
                                "\"*/2 * * * *\"",
                                "\"30 2 * * *\""));
        keys.add("time_zone: Europe/Berlin");
        keys.add("catch_up: " + one("once", "none"));
    }

    private String one(String... of) {
        return of[random.nextInt(of.length)];
    }
}
