package io.buildledger.scheduler.commandline;

import java.io.Console;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** How wide lines may be. */
final class TerminalWidth {

    private static final int UNLIMITED = Integer.MAX_VALUE;

    private TerminalWidth() {}

    /** The terminal's columns; no limit where the output goes elsewhere. */
    static int columns() {
        if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
            return UNLIMITED;
        }
        String exported = System.getenv("COLUMNS");
        return number(exported == null ? ask() : exported);
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
