package io.buildledger.scheduler.commandline;

import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where the database is, for commands that need no running master: by itself, or by a file. */
final class DatabaseOptions {

    static final class Named {

        @Option(
                names = "--db-url",
                paramLabel = "URL",
                required = true,
                description = "the cluster's database, jdbc:mysql://HOST/DATABASE")
        String url = "";

        @Option(
                names = "--user",
                paramLabel = "USER",
                required = true,
                description = "a user of it; the right to read is enough")
        String user = "";

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                required = true,
                description = "a file with the user's password")
        Path passwordFile = Path.of("");

        /**
         * @throws NoAnswerException if the file of the password can't be read
         */
        Database database() {
            return new Database(url, user, password(passwordFile));
        }
    }

    @ArgGroup(exclusive = false, multiplicity = "1")
    @Nullable Named named;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "the cluster's file, which names the database")
    @Nullable Path config;

    /**
     * @throws NoAnswerException if the file of the password can't be read
     * @throws io.buildledger.configuring.InvalidConfigurationException if the cluster's file can't
     */
    Database database() {
        if (named != null) {
            return named.database();
        }
        if (config == null) {
            throw new IllegalStateException("neither a file nor a URL");
        }
        return ConfigurationFile.read(config).database();
    }

    private static String password(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw problem("there is no file %s: write the password to it".formatted(file));
        } catch (AccessDeniedException e) {
            throw problem("this user may not read %s: allow it".formatted(file));
        } catch (MalformedInputException e) {
            throw problem("%s is not UTF-8 text: write the password to it".formatted(file));
        } catch (IOException e) {
            throw problem("%s can't be read (%s)".formatted(file, e.getMessage()));
        }
    }

    private static NoAnswerException problem(String message) {
        return new NoAnswerException("--password-file: " + message);
    }
}
