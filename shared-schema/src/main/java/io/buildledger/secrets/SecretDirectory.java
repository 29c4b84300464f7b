package io.buildledger.secrets;

import io.buildledger.secrets.PrivateFile.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A directory with a file for each secret. */
final class SecretDirectory implements SecretProvider {

    /** Of printable ASCII, and without what leads to another directory or hides a file. */
    private static final Pattern NAME =
            Pattern.compile("[\\p{Graph}&&[^./]][\\p{Print}&&[^/]]{0,254}");

    private final Path directory;

    SecretDirectory(Path directory) {
        this.directory = directory;
    }

    @Override
    public String title() {
        return "file " + directory;
    }

    @Override
    public Optional<String> find(String name) {
        // Another place may have secrets of such names.
        if (!NAME.matcher(name).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(PrivateFile.read(directory.resolve(name)));
        } catch (NoSuchFileException _) {
            if (Files.isDirectory(directory)) {
                return Optional.empty();
            }
            throw new SecretUnavailableException(name, this, "there is no such directory");
        } catch (RefusedException e) {
            throw new SecretUnavailableException(name, this, e.why());
        }
    }

    /** What keeps its secrets from being used, as far as it can be told beforehand. */
    List<String> problems() {
        if (!Files.isDirectory(directory)) {
            return List.of("there is no directory " + directory);
        }
        List<String> problems = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.sorted().toList()) {
                if (NAME.matcher(file.getFileName().toString()).matches()
                        && Files.isRegularFile(file)) {
                    addProblem(file, problems);
                }
            }
        } catch (IOException _) {
            problems.add("this user may not list %s: allow it".formatted(directory));
        }
        return problems;
    }

    private static void addProblem(Path file, List<String> problems) {
        try {
            PrivateFile.requirePrivate(file);
        } catch (NoSuchFileException _) {
            // It was taken away meanwhile.
        } catch (RefusedException e) {
            problems.add(e.why());
        }
    }
}
