package io.buildledger.scheduler.demonstrating;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A small git repository with real tests in it, on disk, to which the demo commits. */
record DemoRepository(Path directory) {

    static final String BRANCH = "main";
    private static final List<String> SOURCES = List.of("roman.sh", "test.sh");

    /** Makes the repository, with a first commit. */
    static DemoRepository create(Path directory) {
        DemoRepository repository = new DemoRepository(directory);
        try {
            Files.createDirectories(directory);
            for (String source : SOURCES) {
                try (InputStream in = DemoRepository.class.getResourceAsStream("/demo/" + source)) {
                    Files.copy(in, directory.resolve(source), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new DemoFailedException(
                    "can't make a repository in " + directory + ": " + e.getMessage(), e);
        }
        repository.git("init", "--quiet", "--initial-branch=" + BRANCH);
        repository.git("add", ".");
        repository.commitAll("Roman numerals, and a test that they survive the way back");
        return repository;
    }

    /** Adds a line to the notes and commits it. */
    void commit(String message) {
        try {
            Files.writeString(
                    directory.resolve("NOTES"),
                    Instant.now() + " " + message + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new DemoFailedException("can't write to " + directory + ": " + e.getMessage(), e);
        }
        git("add", ".");
        commitAll(message);
    }

    private void commitAll(String message) {
        git(
                "-c",
                "user.name=Buildledger demo",
                "-c",
                "user.email=demo@localhost",
                "-c",
                "commit.gpgsign=false",
                "commit",
                "--quiet",
                "--no-verify",
                "--message",
                message);
    }

    private void git(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git", "-C", directory.toString()));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new DemoFailedException("git " + arguments[0] + " failed: " + output.strip());
            }
        } catch (IOException e) {
            throw new DemoFailedException("can't run git: install it (apt-get install git)", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailedException("interrupted", e);
        }
    }
}
