package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.AccessName;
import io.buildledger.secrets.PrivateFile;
import io.buildledger.secrets.PrivateFile.RefusedException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines of a file that say something: neither empty, nor behind a {@code #}. It is one that
 * only its owner and its group may use.
 */
final class FileLines {

    private FileLines() {}

    /**
     * @param number from 1 on
     */
    record Line(Path file, int number, String text) {

        UnusableAccessException problem(String message) {
            return new UnusableAccessException("%s:%d: %s".formatted(file, number, message));
        }

        /** What stands before the first colon. */
        String name() {
            return text.split(":", 2)[0].strip();
        }
    }

    /**
     * @param remedy how the file is made, if there is none
     * @throws UnusableAccessException if it can't be read, or if others may
     */
    static List<Line> of(Path file, String remedy) {
        try {
            PrivateFile.requirePrivate(file);
            return of(file, Files.readAllLines(file));
        } catch (NoSuchFileException e) {
            throw new UnusableAccessException(
                    "%s: there is no such file: %s".formatted(file, remedy));
        } catch (RefusedException e) {
            throw new UnusableAccessException(e.why());
        } catch (MalformedInputException e) {
            throw new UnusableAccessException(file + ": is not UTF-8 text");
        } catch (IOException e) {
            throw new UnusableAccessException(
                    "%s: can't be read (%s)".formatted(file, e.getMessage()));
        }
    }

    /**
     * @param all of the file, as it is or is going to be
     */
    static List<Line> of(Path file, List<String> all) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            String text = all.get(i).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                lines.add(new Line(file, i + 1, text));
            }
        }
        return lines;
    }

    /**
     * That a line can begin with a name, and have others.
     *
     * @param called what has the name, for the message
     * @throws IllegalArgumentException if it can't; the message is for people
     */
    static void requireName(String called, String name) {
        if (!AccessName.isOne(name) || name.startsWith("#") || name.contains(":")) {
            throw new IllegalArgumentException(
                    "%s: '%s' is not %s; in this file it is without ':', and without '#' at its beginning"
                            .formatted(called, name, AccessName.RULE));
        }
    }
}
