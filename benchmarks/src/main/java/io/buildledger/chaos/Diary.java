package io.buildledger.chaos;

import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** What was done and what came of it, as it happens. */
final class Diary {

    /**
     * A line of it.
     *
     * @param seconds since the requests were submitted
     * @param isWrong whether it must not happen
     */
    record Line(Instant at, double seconds, String told, boolean isWrong) {}

    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

    private final PrintStream out;
    private final List<Line> lines = new ArrayList<>();
    private long began = System.nanoTime();

    Diary(PrintStream out) {
        this.out = out;
    }

    synchronized void begin() {
        began = System.nanoTime();
    }

    void tell(String told) {
        add(told, false);
    }

    /** Something that the product promises not to do. */
    void wrong(String told) {
        add(told, true);
    }

    private synchronized void add(String told, boolean isWrong) {
        Line line =
                new Line(
                        Instant.now().truncatedTo(ChronoUnit.MILLIS),
                        Duration.ofNanos(System.nanoTime() - began).toMillis() / 1000.0,
                        told,
                        isWrong);
        lines.add(line);
        out.printf(
                "%s %6.1f  %s%s%n",
                CLOCK.format(line.at()), line.seconds(), isWrong ? "WRONG: " : "", told);
    }

    synchronized List<Line> lines() {
        return List.copyOf(lines);
    }

    synchronized List<String> wrongs() {
        return lines.stream().filter(Line::isWrong).map(Line::told).toList();
    }
}
