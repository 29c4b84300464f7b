package io.buildledger.configuring;

import io.buildledger.configuring.Configuration.ChangeSource;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.Configuration.GitStep;
import io.buildledger.configuring.Configuration.Scheduler;
import io.buildledger.configuring.Configuration.ShellStep;
import io.buildledger.configuring.Configuration.Step;
import io.buildledger.configuring.Configuration.Worker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a file that parses can still have wrong. */
final class ConfigurationCheck {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_REPOSITORY = 240;
    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(5);
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

    private final Path file;
    private final YamlPositions positions;
    private final List<String> problems = new ArrayList<>();

    ConfigurationCheck(Path file, YamlPositions positions) {
        this.file = file;
        this.positions = positions;
    }

    List<String> problemsOf(Configuration configuration) {
        database(configuration);
        range(configuration);
        Set<String> workers = new HashSet<>();
        for (int i = 0; i < configuration.workers().size(); i++) {
            worker("/workers/" + i, configuration.workers().get(i), workers);
        }
        Set<String> builders = new HashSet<>();
        for (int i = 0; i < configuration.builders().size(); i++) {
            builder("/builders/" + i, configuration.builders().get(i), builders, workers);
        }
        Set<String> schedulers = new HashSet<>();
        for (int i = 0; i < configuration.schedulers().size(); i++) {
            scheduler("/schedulers/" + i, configuration, i, schedulers, builders);
        }
        for (int i = 0; i < configuration.changeSources().size(); i++) {
            changeSource("/change_sources/" + i, configuration.changeSources().get(i));
        }
        return problems;
    }

    private void problem(String pointer, String message) {
        problems.add("%s:%s: %s".formatted(file, positions.of(pointer), message));
    }

    private void database(Configuration configuration) {
        if (configuration.dbUrl() == null) {
            problem("/db_url", "db_url is missing: write db_url: jdbc:mysql://HOST/DATABASE");
        } else if (!configuration.dbUrl().startsWith("jdbc:mysql:")) {
            problem(
                    "/db_url",
                    "db_url: '%s' is not a MySQL address: write jdbc:mysql://HOST/DATABASE"
                            .formatted(configuration.dbUrl()));
        }
        if (configuration.dbUser() == null) {
            problem("/db_user", "db_user is missing: name the database user");
        }
        if (configuration.dbPassword() != null && configuration.dbPasswordFile() != null) {
            problem("/db_password", "give db_password or db_password_file, not both");
        }
    }

    private void range(Configuration configuration) {
        if (configuration.lease().compareTo(SHORTEST_LEASE) < 0
                || configuration.lease().compareTo(LONGEST_LEASE) > 0) {
            problem(
                    "/lease",
                    "lease: %s s is out of range: 5s to 10m"
                            .formatted(configuration.lease().toSeconds()));
        }
        if (configuration.dbPollInterval().toMillis() < 10) {
            problem("/db_poll_interval", "db_poll_interval must be at least 10ms");
        }
        int port = configuration.web().port();
        if (port < 0 || port > 65_535) {
            problem("/web/port", "web.port: %d is not a port: 0 to 65535".formatted(port));
        }
    }

    private void worker(String at, @Nullable Worker worker, Set<String> workers) {
        if (worker == null) {
            problem(at, "a worker is empty: write {name: ...}");
            return;
        }
        name(at, "worker", worker.name(), workers);
        if (worker.maxBuilds() < 1) {
            problem(at + "/max_builds", "max_builds must be at least 1");
        }
    }

    private void builder(
            String at,
            Configuration.@Nullable Builder builder,
            Set<String> builders,
            Set<String> workers) {
        if (builder == null) {
            problem(at, "a builder is empty: write name, worker_names and factory");
            return;
        }
        name(at, "builder", builder.name(), builders);
        if (builder.workerNames().isEmpty()) {
            problem(
                    at,
                    "builder %s: worker_names is missing: name at least one worker"
                            .formatted(builder.name()));
        }
        for (String worker : builder.workerNames()) {
            if (!workers.contains(worker)) {
                problem(
                        at + "/worker_names",
                        "builder %s: there is no worker '%s' in this file: add it to workers"
                                .formatted(builder.name(), worker));
            }
        }
        if (builder.factory().isEmpty()) {
            problem(
                    at,
                    "builder %s: factory is missing: list at least one step"
                            .formatted(builder.name()));
        }
        for (int i = 0; i < builder.factory().size(); i++) {
            step(at + "/factory/" + i, builder, builder.factory().get(i));
        }
    }

    private void step(String at, Configuration.Builder builder, @Nullable Step step) {
        if (step == null) {
            problem(
                    at,
                    "builder %s: a step is empty: write git: {...} or shell: {...}"
                            .formatted(builder.name()));
        } else if (step instanceof ShellStep shell && shell.command() == null) {
            problem(at, "builder %s: a shell step lacks its command".formatted(builder.name()));
        } else if (step instanceof GitStep git && git.repourl() == null) {
            problem(at, "builder %s: a git step lacks its repourl".formatted(builder.name()));
        } else if (isZero(step)) {
            problem(
                    at,
                    "builder %s: a step's timeout and max_time must be more than 0"
                            .formatted(builder.name()));
        } else if (step.name().length() > LONGEST_NAME) {
            problem(
                    at,
                    "builder %s: a step's name has more than %d characters"
                            .formatted(builder.name(), LONGEST_NAME));
        }
    }

    private static boolean isZero(Step step) {
        return switch (step) {
            case GitStep git -> git.timeout().isZero();
            case ShellStep shell ->
                    shell.timeout().isZero()
                            || (shell.maxTime() != null && shell.maxTime().isZero());
        };
    }

    private void scheduler(
            String at,
            Configuration configuration,
            int index,
            Set<String> schedulers,
            Set<String> builders) {
        Scheduler scheduler = configuration.schedulers().get(index);
        if (scheduler == null) {
            problem(at, "a scheduler is empty: write single_branch: {...}");
            return;
        }
        String within = at + "/single_branch";
        name(within, "scheduler", scheduler.name(), schedulers);
        if (scheduler.builderNames().isEmpty()) {
            problem(
                    within,
                    "scheduler %s: builder_names is missing: name at least one builder"
                            .formatted(scheduler.name()));
        }
        if (new HashSet<>(scheduler.builderNames()).size() < scheduler.builderNames().size()) {
            problem(
                    within + "/builder_names",
                    "scheduler %s: a builder is named twice".formatted(scheduler.name()));
        }
        if (!configuration.multiMaster()) {
            for (String builder : scheduler.builderNames()) {
                if (!builders.contains(builder)) {
                    problem(
                            within + "/builder_names",
                            "scheduler %s names builder '%s', which no master has: add it to builders, or set multi_master: true if another master's file has it"
                                    .formatted(scheduler.name(), builder));
                }
            }
        }
    }

    private void changeSource(String within, @Nullable ChangeSource source) {
        if (!(source instanceof GitPoller poller)) {
            problem(within, "a change source is empty: write git_poller: {...}");
            return;
        }
        String at = within + "/git_poller";
        if (poller.pollInterval().toMillis() < 100) {
            problem(at + "/poll_interval", "poll_interval must be at least 100ms");
        }
        if (poller.initialCommits() < 0) {
            problem(at + "/initial_commits", "initial_commits must be at least 0");
        }
        if (poller.repourl() == null) {
            problem(at, "git_poller lacks its repourl");
        } else if (poller.repourl().length() > LONGEST_REPOSITORY) {
            problem(
                    at + "/repourl",
                    "repourl has more than %d characters".formatted(LONGEST_REPOSITORY));
        } else if (poller.repourl().startsWith("-")) {
            problem(
                    at + "/repourl",
                    "repourl: '%s' begins with a dash".formatted(poller.repourl()));
        }
    }

    private void name(String at, String kind, @Nullable String name, Set<String> others) {
        if (name == null || name.isBlank()) {
            problem(at, "a %s has no name: add name: ...".formatted(kind));
        } else if (!name.equals(name.strip()) || name.length() > LONGEST_NAME) {
            problem(
                    at + "/name",
                    "%s '%s': a name has at most %d characters and no space around it"
                            .formatted(kind, name, LONGEST_NAME));
        } else if (!others.add(name)) {
            problem(at + "/name", "there are two %ss named '%s': rename one".formatted(kind, name));
        }
    }
}
