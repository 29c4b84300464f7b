package io.buildledger.scheduler.changing.hooking;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.numbering.Numbers;
import io.buildledger.scheduler.changing.ChangeIntake;
import io.buildledger.scheduler.changing.CodebaseRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** What the hooks stand on; not a configuration by itself, so that nobody's scan finds it. */
@Import({
    BaseHookController.class,
    ForgeHookController.class,
    HookDoor.class,
    HookProblems.class,
    ConfiguredHooks.class,
    ChangeIntake.class,
    CodebaseRules.class
})
class HookedMaster {

    static final String SECRET = "s3cret";
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    static final String LEAST =
            """
            db_url: jdbc:mysql://db/buildledger
            db_user: buildledger
            """;

    static final String FORGES =
            LEAST
                    + """
                    codebases:
                      - {name: hello, repositories: ["git@gitlab.com:gitlab-org/hello-world.git"]}
                      - {name: drone, repository_re: "https://github\\\\.com/bradrydzewski/.*"}
                    change_hooks:
                      github: {secret: s3cret}
                      gitlab: {secret: s3cret}
                      gitea: {secret: s3cret, codebase: theirs, project: ours}
                      bitbucketcloud: {secret: s3cret}
                      bitbucketserver: {secret: s3cret, url: "https://bitbucket.example.org/"}
                    """;

    @Bean
    Numbers numbers(DataSource dataSource) {
        return new Numbers(dataSource);
    }

    @Bean
    InstantSource databaseClock() {
        return InstantSource.fixed(NOW);
    }

    @Bean
    ConfigurationFile configurationFile() throws IOException {
        return file(LEAST);
    }

    static ConfigurationFile file(String text) throws IOException {
        Path file = Files.createTempFile("cluster", ".yaml");
        try {
            return ConfigurationFile.read(Files.writeString(file, text));
        } finally {
            Files.delete(file);
        }
    }

    /** The same, with each forge. */
    static class WithForges extends HookedMaster {
        @Override
        @Bean
        ConfigurationFile configurationFile() throws IOException {
            return file(FORGES);
        }
    }
}
