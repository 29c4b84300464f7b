package io.buildledger.builder.running;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.secrets.Secrets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Secrets as a configuration has them. */
public final class TestSecrets {

    public static final Secrets NONE = of("");

    private TestSecrets() {}

    /**
     * @param providers the file's key {@code secrets}, with its newline, or nothing
     */
    public static Secrets of(String providers) {
        try {
            Path file = Files.createTempFile("cluster", ".yaml");
            try {
                Files.writeString(
                        file, "db_url: jdbc:mysql://unused/unused\ndb_user: unused\n" + providers);
                return Secrets.of(ConfigurationFile.read(file));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
