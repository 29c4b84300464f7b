package io.buildledger.scheduler.demonstrating;

import io.buildledger.database.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one file that all masters of a demo read. */
final class DemoConfiguration {

    private static final Pattern PLACE = Pattern.compile("\\$\\{(\\w+)}");

    private DemoConfiguration() {}

    /** For the demo's own repository. */
    static String ofOwn(DemoRepository repository, Database database, int port) {
        return fill(
                database,
                port,
                Map.of(
                        "repo", escaped(repository.directory().toUri().toString()),
                        "branch", DemoRepository.BRANCH,
                        "poll_interval", "500ms",
                        "initial_commits", "0",
                        "tree_stable_timer", "1s",
                        "test_command", "[sh, test.sh]",
                        "package_test", "[sh, test.sh]"));
    }

    /** For somebody's repository, whose newest commits are each built. */
    static String ofWatched(
            WatchedRepository repository, String test, int commits, Database database, int port) {
        return fill(
                database,
                port,
                Map.of(
                        "repo",
                        escaped(repository.url()),
                        "branch",
                        escaped(repository.branch()),
                        "poll_interval",
                        "10s",
                        "initial_commits",
                        String.valueOf(commits),
                        "tree_stable_timer",
                        "0",
                        "test_command",
                        "\"" + escaped(test) + "\"",
                        "package_test",
                        "\"ls -l\""));
    }

    /** For a master that shows what a bundle has, and has nothing to do. */
    static String ofBundle(Database database, int port) {
        return """
        db_url: "%s"
        db_user: "%s"
        db_password_file: db-password
        web: {port: %d}
        """
                .formatted(escaped(database.url()), escaped(database.user()), port);
    }

    private static String fill(Database database, int port, Map<String, String> values) {
        Map<String, String> cluster =
                Map.of(
                        "db_url", database.url(),
                        "db_user", database.user(),
                        "port", String.valueOf(port));
        // In one go: a value that looks like a place stays as it is.
        return PLACE.matcher(template())
                .replaceAll(place -> {
                    String name = place.group(1);
                    String value = cluster.getOrDefault(name, values.get(name));
                    if (value == null) {
                        throw new IllegalStateException("nothing says what ${" + name + "} is");
                    }
                    return Matcher.quoteReplacement(value);
                });
    }

    private static String template() {
        try (InputStream in = DemoConfiguration.class.getResourceAsStream("/demo/cluster.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DemoFailedException("this program lacks its demo", e);
        }
    }

    /** As it stands between YAML's double quotes. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
