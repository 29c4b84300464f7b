package io.buildledger.scheduler.commandline;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The terminal that standard output may be. */
final class Terminal {

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private Terminal() {}

    /** The terminal's columns; no limit where the output goes elsewhere. */
    static int columns() {
        if (!isOutput()) {
            return UNLIMITED;
        }
        String exported = System.getenv("COLUMNS");
        return number(exported == null ? ask() : exported);
    }

    /** Whether standard output is a terminal, wherever the input comes from. */
    static boolean isOutput() {
        // Java tells it only of input and output together.
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                || succeeds("sh", "-c", "test -t 1");
    }

    /**
     * Has a person enter what nobody is to see.
     *
     * @return nothing if standard input is no terminal
     * @throws NoAnswerException if nothing can be entered unseen, or nobody wants to
     */
    static Optional<String> readHidden(String prompt) {
        Optional<Console> console =
                Optional.ofNullable(System.console()).filter(Console::isTerminal);
        if (console.isPresent()) {
            char[] entered = console.get().readPassword("%s", prompt);
            if (entered == null) {
                throw new NoAnswerException("nothing was entered");
            }
            return Optional.of(new String(entered));
        }
        if (succeeds("sh", "-c", "test -t 0")) {
            throw new NoAnswerException(
                    "standard output is no terminal, so that what is typed would be seen: leave it one, or give a file as standard input");
        }
        return Optional.empty();
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectInput(ProcessBuilder.Redirect.INHERIT)
                            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            // No shell here, and no way to ask.
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String ask() {
        try {
            Process stty =
                    new ProcessBuilder("stty", "size")
                            .redirectInput(new File("/dev/tty"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            String rowsAndColumns =
                    new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            stty.waitFor(1, TimeUnit.SECONDS);
            return rowsAndColumns.strip().replaceFirst("^\\d+ ", "");
        } catch (IOException e) {
            // No stty here: lines as long as they get.
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private static int number(String text) {
        return text.matches("[1-9]\\d{0,4}") ? Integer.parseInt(text) : UNLIMITED;
    }
}
