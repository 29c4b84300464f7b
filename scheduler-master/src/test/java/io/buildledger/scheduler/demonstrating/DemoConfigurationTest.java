package io.buildledger.scheduler.demonstrating;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.Configuration.GitPoller;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class DemoConfigurationTest {

    private static final Database DATABASE =
            new Database("jdbc:mysql://127.0.0.1:3306/buildledger", "buildledger", "secret");

    @TempDir Path directory;

    private Configuration read(String content) throws Exception {
        Files.writeString(directory.resolve("db-password"), DATABASE.password());
        return ConfigurationFile.read(Files.writeString(directory.resolve("cluster.yaml"), content))
                .configuration();
    }

    @Test
    void what_was_said_of_a_repository_reaches_the_masters_as_it_was_said() throws Exception {
        String test = "printf \"%s\\n\" '${port}'\nmake \"check\"";
        WatchedRepository repository =
                new WatchedRepository("/srv/a \"b\"/${branch}.git", "feature/${repo}");

        Configuration configuration =
                read(DemoConfiguration.ofWatched(repository, test, 7, DATABASE, 8010));

        GitPoller poller = (GitPoller) configuration.changeSources().getFirst();
        assertThat(poller.repourl()).isEqualTo(repository.url());
        assertThat(poller.branches()).isEqualTo(List.of(repository.branch()));
        assertThat(poller.initialCommits()).isEqualTo(7);
        assertThat(configuration.builders().getFirst().toString()).contains(test);
    }

    @Test
    void the_demos_own_repository_makes_a_good_configuration() throws Exception {
        Configuration configuration =
                read(
                        DemoConfiguration.ofOwn(
                                new DemoRepository(directory.resolve("repository")),
                                DATABASE,
                                8010));

        assertThat(configuration.builders()).hasSize(2);
    }

    @Test
    void what_shows_a_bundle_has_nothing_to_do() throws Exception {
        Configuration configuration = read(DemoConfiguration.ofBundle(DATABASE, 8010));

        assertThat(configuration.schedulers()).isEmpty();
        assertThat(configuration.changeSources()).isEmpty();
        assertThat(configuration.builders()).isEmpty();
    }
}
