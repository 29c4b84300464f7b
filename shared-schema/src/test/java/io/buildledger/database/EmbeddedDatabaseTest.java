package io.buildledger.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class EmbeddedDatabaseTest {

    @TempDir Path directory;

    @Test
    void one_that_starts_leaves_the_temporary_tables_of_others_alone() throws Exception {
        Path common = Path.of(Optional.ofNullable(System.getenv("TMPDIR")).orElse("/tmp"));
        Path others = Files.createTempFile(common, "#sql-temptable-", ".MAI");
        try {
            EmbeddedDatabase.start(directory).close();

            assertThat(others).exists();
        } finally {
            Files.deleteIfExists(others);
        }
    }
}
