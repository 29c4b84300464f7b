package io.buildledger.scheduler.commandline;

import io.buildledger.sealing.Checkpoint;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The checkpoints of {@code --since}: one as it was printed, or a file with one a line. */
final class CheckpointFile {

    private CheckpointFile() {}

    /**
     * @param text a line of JSON, or the name of a file
     * @throws NoAnswerException that says what is wrong and where, if there is no checkpoint, or
     *     something else as well
     */
    static List<Checkpoint> read(String text) {
        if (text.strip().startsWith("{")) {
            return List.of(parse(text, "it"));
        }
        List<String> lines = lines(text);
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                checkpoints.add(parse(lines.get(i), "line %d of %s".formatted(i + 1, text)));
            }
        }
        if (checkpoints.isEmpty()) {
            throw problem(
                    "%s has no checkpoint: write to it what 'checkpoint' prints".formatted(text));
        }
        return checkpoints;
    }

    private static Checkpoint parse(String line, String where) {
        try {
            return Checkpoint.parse(line);
        } catch (IllegalArgumentException e) {
            throw problem(
                    "%s is no checkpoint as 'checkpoint' prints them: %s"
                            .formatted(where, e.getMessage()));
        }
    }

    private static List<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw problem("there is no file %s: name one that holds a checkpoint".formatted(file));
        } catch (AccessDeniedException e) {
            throw problem("this user may not read %s: allow it".formatted(file));
        } catch (MalformedInputException e) {
            throw problem(
                    "%s is not UTF-8 text: name a file that holds a checkpoint".formatted(file));
        } catch (IOException e) {
            throw problem("%s can't be read (%s)".formatted(file, e.getMessage()));
        }
    }

    private static NoAnswerException problem(String message) {
        return new NoAnswerException("--since: " + message);
    }
}
