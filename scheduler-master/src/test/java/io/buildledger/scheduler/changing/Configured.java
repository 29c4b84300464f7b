package io.buildledger.scheduler.changing;

import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a test configures as people do. */
final class Configured {

    private static final String BEFORE =
            "db_url: jdbc:mysql://localhost/none\ndb_user: nobody\nchange_sources:\n";

    private Configured() {}

    /** A file with a poller for each of these, the keys of each in one line. */
    static Path file(Path directory, String... pollers) throws IOException {
        StringBuilder text = new StringBuilder(BEFORE);
        for (String keys : pollers) {
            text.append("  - git_poller: {").append(keys).append("}\n");
        }
        return Files.writeString(directory.resolve("cluster.yaml"), text);
    }

    static GitPoller gitPoller(String repourl, String keys) {
        try {
            Path directory = Files.createTempDirectory("configured");
            Path file = file(directory, "repourl: '" + repourl + "', " + keys);
            GitPoller poller =
                    (GitPoller)
                            ConfigurationFile.read(file).configuration().changeSources().getFirst();
            Files.delete(file);
            Files.delete(directory);
            return poller;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What takes changes in. */
    static ChangeIntake intake(TestLog test, Author author) {
        return new ChangeIntake(
                test.log, test.dataSource, test.numbers, author, new CodebaseRules(List.of()));
    }
}
