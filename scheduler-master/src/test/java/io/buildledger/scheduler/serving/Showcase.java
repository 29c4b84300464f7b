package io.buildledger.scheduler.serving;

import io.buildledger.claiming.Claims.Won;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.building.Results;
import io.buildledger.domain.mastering.BuilderDescription;
import io.buildledger.domain.mastering.Descriptions;
import io.buildledger.domain.mastering.ProjectDescription;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.context.annotation.Bean;

/** Serves pages that have something on them, to be looked at; ends with its input. */
final class Showcase {

    private static final Map<String, String> FINGERPRINTS =
            Map.of(
                    "linux", "3f786850e387",
                    "mac", "89e6c98d9288",
                    "windows", "2b66fd261ee5",
                    "asan", "e5fa44f2b31c",
                    "arm64", "7448d8798a43",
                    "docs", "a3db5c13ff90");

    /** Not a configuration by itself. The history has a scheduler of its own. */
    static class Schedulers {
        @Bean
        ConfigurationFile fileWithSchedulers() {
            return ServedLog.file(
                    """
                    schedulers:
                      - force:
                          name: by-hand
                          label: Build a branch
                          builder_names: [linux, mac, docs]
                          reason_required: true
                          parameters:
                            - int: {name: jobs, label: Jobs at once, default: 4, max: 64}
                            - choice: {name: optimize, label: Optimize for, choices: [size, speed], default: speed}
                            - bool: {name: clean, label: From scratch, default: false}
                      - nightly: {name: nightly, hour: 3, minute: 12, builder_names: [linux]}
                    builders:
                      - {name: linux, worker_names: [w1], factory: [shell: {command: make}]}
                      - {name: mac, worker_names: [w1], factory: [shell: {command: make}]}
                      - {name: docs, worker_names: [w1], factory: [shell: {command: make}]}
                    workers: [name: w1]
                    """);
        }
    }

    private Showcase() {}

    public static void main(String[] args) throws Exception {
        try (ServedLog served = new ServedLog(Integer.parseInt(args[0]), Schedulers.class)) {
            MasterRegistry registry = served.registry;
            register(registry, "s", "scheduler", 4711);
            Author b1 = register(registry, "b1", "builder", 4712);
            Author b2 = register(registry, "b2", "builder", 4713);
            registry.stop(register(registry, "b3", "builder", 4714));
            history(served, b1, b2);

            build(
                    served,
                    b1,
                    "3f786850e387550fdab836ed7e6dc881de23001b",
                    "Read the README aloud",
                    Results.SUCCESS);
            build(
                    served,
                    b2,
                    "89e6c98d92887913cadf06b2adb97f26cde4849b",
                    "Add the frobnicator",
                    Results.FAILURE);
            build(
                    served,
                    b1,
                    "2b66fd261ee5c6cfc8de7fa466bab600bcfe4f69",
                    "Mend the frobnicator",
                    Results.WARNINGS);
            String revision = "e5fa44f2b31c1fb553b6021e7360d07d5d91ff5e";
            long change =
                    served.story.change(
                            "a <a@example.org>",
                            revision,
                            "Test what happens when a master is killed in the middle of a build");
            served.story.fire(List.of(change), revision, "linux", "docs");
            Won lost = served.story.claim(b2, "linux");
            served.story.start(b2, lost);
            log(served, served.story.startStep(b2, lost, 1, "git"), 3);
            served.test.claims.releaseAllOf(
                    b1, b2, "master b2 was lost: its lease ended at 2026-01-01T12:00:30Z");
            Won won = served.story.claim(b1, "linux");
            served.story.start(b1, won);
            long git = served.story.startStep(b1, won, 1, "git");
            log(served, git, 4);
            served.story.finishStep(b1, won, 1, git, Results.SUCCESS);
            log(served, served.story.startStep(b1, won, 2, "test"), 40);
            served.project();
            System.out.println("ready " + served.url());
            while (System.in.read() >= 0) {
                served.project();
            }
        }
    }

    private static Author register(MasterRegistry registry, String name, String role, long pid) {
        return registry.register(
                new Registration(
                        name,
                        role,
                        "ci-1.example.org",
                        pid,
                        Duration.ofSeconds(30),
                        role.equals("builder") ? FINGERPRINTS : Map.of(),
                        new Descriptions(
                                Map.of(
                                        "linux",
                                        new BuilderDescription(
                                                List.of("tier 1"),
                                                "Debug build and all tests",
                                                "app",
                                                null),
                                        "asan",
                                        new BuilderDescription(
                                                List.of("tier 2", "slow"),
                                                "With the address sanitizer",
                                                "app",
                                                "next_build: newest_first"),
                                        "docs",
                                        new BuilderDescription(
                                                List.of(), "The manual", "app", null)),
                                Map.of(
                                        "app",
                                        new ProjectDescription(
                                                "The application", "https://example.org/app"))),
                        null));
    }

    /** What builders have built until now: some are green, some are red, some were both. */
    private static void history(ServedLog served, Author b1, Author b2) {
        for (int i = 0; i < 14; i++) {
            String revision = "%040x".formatted(0x5eedL * (i + 7));
            long change =
                    served.story.change(
                            "ann <ann@example.org>",
                            revision,
                            "Step " + (i + 1) + " of the rewrite");
            served.story.fire(
                    List.of(change), revision, "asan", "linux", "mac", "windows", "arm64", "docs");
            served.story.build(b1, "linux", i == 4 ? Results.FAILURE : Results.SUCCESS);
            served.story.build(b2, "mac", i % 6 == 2 ? Results.WARNINGS : Results.SUCCESS);
            served.story.build(b1, "windows", i > 10 ? Results.FAILURE : Results.SUCCESS);
            served.story.build(b2, "docs", i == 8 ? Results.EXCEPTION : Results.SUCCESS);
            if (i < 12) {
                served.story.build(b2, "asan", i > 3 && i < 7 ? Results.FAILURE : Results.SUCCESS);
                served.story.build(b1, "arm64", i == 11 ? Results.EXCEPTION : Results.SUCCESS);
            }
        }
        served.story.start(b1, served.story.claim(b1, "asan"));
        served.story.start(b2, served.story.claim(b2, "arm64"));
    }

    private static void build(
            ServedLog served, Author master, String revision, String comments, Results results) {
        long change = served.story.change("a <a@example.org>", revision, comments);
        served.story.fire(List.of(change), revision, "linux", "docs");
        served.story.build(master, "linux", results);
        served.story.build(master, "docs", Results.SUCCESS);
    }

    private static void log(ServedLog served, long log, int count) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(Source.HEADER, "make test, in builds/linux, at most 20 min"));
        for (int i = 1; i < count; i++) {
            lines.add(
                    i % 7 == 6
                            ? new Line(
                                    Source.STDERR,
                                    "\u001b[1;33mwarning:\u001b[0m test "
                                            + i
                                            + " took longer than it should: 312 ms")
                            : new Line(
                                    Source.STDOUT,
                                    "\u001b[32mok\u001b[0m "
                                            + i
                                            + " - the frobnicator frobs whatever it is given, however long the line that tells of it"));
        }
        lines.add(new Line(Source.STDOUT, palette("\u001b[3%dm%s\u001b[0m ")));
        lines.add(new Line(Source.STDOUT, palette("\u001b[9%dm%s\u001b[0m ")));
        lines.add(new Line(Source.STDOUT, palette("\u001b[4%dm%s\u001b[0m ")));
        lines.add(
                new Line(
                        Source.STDOUT,
                        "\u001b[1mbold\u001b[0m \u001b[2mfaint\u001b[0m \u001b[7minverse\u001b[0m \u001b[31;7mred\u001b[0m"));
        served.story.write(log, 0, lines.toArray(Line[]::new));
    }

    /** The eight colours of a terminal. */
    private static String palette(String format) {
        return IntStream.range(0, 8)
                .mapToObj(i -> format.formatted(i, "colour " + i))
                .collect(Collectors.joining());
    }
}
