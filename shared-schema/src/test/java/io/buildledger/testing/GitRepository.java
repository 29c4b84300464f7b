package io.buildledger.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A git repository with a work tree, to which a test commits. */
public record GitRepository(Path directory) {

    /** A repository without commits; its directory is made. */
    public static GitRepository create(Path directory, String branch)
            throws IOException, InterruptedException {
        GitRepository repository = new GitRepository(Files.createDirectories(directory));
        repository.git("init", "--quiet", "--initial-branch=" + branch);
        return repository;
    }

    /** Runs git there, which must succeed, and returns what it prints. */
    public String git(String... arguments) throws IOException, InterruptedException {
        return gitReading("", arguments);
    }

    /** Like {@link #git}, with something on its standard input. */
    public String gitReading(String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of("git", "-c", "user.name=A", "-c", "user.email=a@example.org"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }

    /**
     * Commits a file that holds the message, and all else that has changed; returns the revision.
     */
    public String commit(String message, String file) throws IOException, InterruptedException {
        Files.writeString(directory.resolve(file), message);
        git("add", "--all");
        git("commit", "--quiet", "--message", message);
        return git("rev-parse", "HEAD");
    }

    public String url() {
        return directory.toUri().toString();
    }
}
