package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.buildledger.testing.DocumentedType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The type of step that the documentation shows, made into a jar and run by real masters. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnStepsIT {

    private static final String IMPORTS =
            """
            package org.example;

            import io.buildledger.stepping.*;
            import java.io.IOException;
            import java.util.List;

            """;

    private static final DocumentedType DOCUMENTED =
            new DocumentedType("steps.md", "Steps of your own");

    @TempDir Path directory;

    private Path plugins() throws IOException {
        Path source = Files.createDirectories(directory.resolve("source/org/example"));
        Path step =
                Files.writeString(
                        source.resolve("GreetStep.java"),
                        IMPORTS + DOCUMENTED.block("java") + "\n");
        Path classes = Files.createDirectory(directory.resolve("classes"));
        DocumentedType.compile(step, classes);
        Path plugins = Files.createDirectory(directory.resolve("plugins"));
        try (JarOutputStream jar =
                new JarOutputStream(Files.newOutputStream(plugins.resolve("greeting.jar")))) {
            jar.putNextEntry(new JarEntry("org/example/GreetStep.class"));
            Files.copy(classes.resolve("org/example/GreetStep.class"), jar);
            jar.putNextEntry(new JarEntry("META-INF/spring.factories"));
            jar.write((DOCUMENTED.block("") + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return plugins;
    }

    @Test
    void a_step_in_somebody_else_s_jar_is_configured_and_run() throws Exception {
        try (Cluster cluster =
                new Cluster(
                        "",
                        """
                        schedulers:
                          - single_branch: {name: main, change_filter: {branch: main}, builder_names: [linux]}
                        """,
                        """
                        builders:
                          - name: linux
                            worker_names: [local]
                            factory:
                              - greet: {whom: "%(src::branch)s", halt_on_failure: true}
                        """)) {
            cluster.usePlugins(plugins());
            cluster.start("s", "b1");

            assertThat(
                            cluster.sendChange(
                                            Map.of(
                                                    "author", "someone",
                                                    "branch", "main",
                                                    "revision", "r1",
                                                    "repository", "r"))
                                    .statusCode())
                    .isEqualTo(200);

            cluster.awaitEvents(1, "build-request-completed");
            await().atMost(Duration.ofMinutes(1))
                    .untilAsserted(() ->
                            assertThat(cluster.get("/api/builds/linux/1"))
                                    .contains("\"summary\":\"greet successful (exit code 0)\""));
            assertThat(cluster.get("/api/builds/linux/1/logs/1/stdio")).contains("hello main");
        }
    }
}
