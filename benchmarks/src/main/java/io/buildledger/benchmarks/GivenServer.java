package io.buildledger.benchmarks;

import io.buildledger.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** A server of one's own; the user must be allowed to create and drop databases on it. */
final class GivenServer {

    private static final Pattern URL = Pattern.compile("(jdbc:mysql://[^/?]+)(?:/[^?]*)?(\\?.*)?");

    @Option(
            names = "--db-url",
            paramLabel = "URL",
            required = true,
            description =
                    "Measure on this server, jdbc:mysql://HOST[:PORT], in databases made for it and dropped"
                            + " (default: an embedded MariaDB)")
    private String url = "";

    @Option(names = "--user", paramLabel = "U", required = true)
    private String user = "";

    @Option(names = "--password-file", paramLabel = "F", required = true)
    private Path passwordFile = Path.of("");

    /** The server, with {@code name} as database. */
    Database database(String name) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new RunFailedException(
                    "--db-url: %s is not jdbc:mysql://HOST[:PORT]".formatted(url));
        }
        String options = parts.group(2) == null ? "" : parts.group(2);
        try {
            return new Database(
                    parts.group(1) + "/" + name + options,
                    user,
                    Files.readString(passwordFile).strip());
        } catch (IOException e) {
            throw new RunFailedException(
                    "--password-file: %s can't be read".formatted(passwordFile), e);
        }
    }
}
