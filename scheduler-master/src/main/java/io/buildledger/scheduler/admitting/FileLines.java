package io.buildledger.scheduler.admitting;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines of a file that say something: neither empty, nor behind a {@code #}. */
final class FileLines {

    private FileLines() {}

    /**
     * @param number from 1 on
     */
    record Line(Path file, int number, String text) {

        UnusableAccessException problem(String message) {
            return new UnusableAccessException("%s:%d: %s".formatted(file, number, message));
        }
    }

    /**
     * @throws UnusableAccessException if it can't be read
     */
    static List<Line> of(Path file) {
        List<String> all;
        try {
            all = Files.readAllLines(file);
        } catch (MalformedInputException e) {
            throw new UnusableAccessException(file + ": is not UTF-8 text");
        } catch (IOException e) {
            throw new UnusableAccessException(
                    "%s: can't be read (%s)".formatted(file, e.getMessage()));
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            String text = all.get(i).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                lines.add(new Line(file, i + 1, text));
            }
        }
        return lines;
    }
}
