package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How long {@code what-if} takes to tell what another file would have made of a whole log. */
final class Suppositions {

    /**
     * @param seconds from the program's start to its end
     */
    record Cost(long changes, double seconds, double secondsOf100000) {}

    private Suppositions() {}

    /** The log must be that of a {@link GeneratedFarm}; the other file waits for a longer calm. */
    static Cost of(Bench bench, Database database) throws InterruptedException {
        Path file = bench.write("another.yaml", anotherFile(database));
        Path answer = bench.newPath("answer.json");
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseParallelGC",
                        "-jar",
                        Masters.jar("scheduler-master").toString(),
                        "what-if",
                        "--config",
                        file.toString(),
                        "--since",
                        "10000d",
                        "--json");
        try {
            long begun = System.nanoTime();
            Process process =
                    new ProcessBuilder(command)
                            .redirectOutput(answer.toFile())
                            .redirectError(Redirect.INHERIT)
                            .start();
            bench.leftovers().add("stop what-if", process::destroy);
            int status = process.waitFor();
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (status != 0) {
                throw new RunFailedException("what-if has ended with " + status);
            }
            long changes = changes(answer);
            return new Cost(changes, seconds, seconds * 100_000 / changes);
        } catch (IOException e) {
            throw new RunFailedException("what-if can't be run: " + e.getMessage(), e);
        }
    }

    private static long changes(Path answer) {
        JsonNode changes = new JsonMapper().readTree(answer.toFile()).get("changes");
        if (changes == null || !changes.isIntegralNumber() || changes.longValue() == 0) {
            throw new RunFailedException("what-if tells of no changes");
        }
        return changes.longValue();
    }

    private static String anotherFile(Database database) {
        StringBuilder file = new StringBuilder();
        file.append("db_url: '").append(database.url()).append("'\n");
        file.append("db_user: '").append(database.user()).append("'\n");
        file.append("db_password: '").append(database.password()).append("'\n");
        file.append("workers:\n  - {name: w, max_builds: 40}\n");
        file.append("builders:\n");
        for (List<String> builders : List.of(GeneratedFarm.platforms(), GeneratedFarm.quick())) {
            builders.forEach(name ->
                    file.append(
                            "  - {name: %s, worker_names: [w], factory: []}\n".formatted(name)));
        }
        return file.append("schedulers:\n")
                .append("  - single_branch: {name: all, branch: main, tree_stable_timer: 3m")
                .append(builderNames(GeneratedFarm.platforms()))
                .append("  - any_branch: {name: quick")
                .append(builderNames(GeneratedFarm.quick()))
                .toString();
    }

    private static String builderNames(List<String> builders) {
        return ", builder_names: [%s]}\n".formatted(String.join(", ", builders));
    }
}
