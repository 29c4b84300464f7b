package io.buildledger.scheduler.demonstrating;

import io.buildledger.domain.requesting.BuildRequest;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Numbered;
import io.buildledger.replaying.ClusterState;
import io.buildledger.showing.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the events of a bundle on a terminal, one by one: what happened, and what is open
 * after it. An empty line goes on to the next event, a number up to that event, {@code a} to the
 * end, and so does the end of the input.
 */
final class BundleSteps {

    private static final String PROMPT = "[enter: next, N: up to event N, a: all] ";
    private static final int SHOWN = 8;

    private final Iterable<Numbered> events;
    private final Narrator narrator;
    private final BufferedReader in;
    private final PrintStream out;
    private final ClusterState state = new ClusterState();

    /**
     * @param in what is asked for; nobody asks for a prompt where it has ended
     */
    BundleSteps(Iterable<Numbered> events, Narrator narrator, BufferedReader in, PrintStream out) {
        this.events = events;
        this.narrator = narrator;
        this.in = in;
        this.out = out;
    }

    /**
     * @param first the number of the event to which it goes without being asked; 0 to ask at once
     */
    void run(long first) {
        long upTo = first;
        long told = 0;
        for (Numbered event : events) {
            if (event.index() > upTo) {
                upTo = ask(event.index());
            }
            tell(event);
            told++;
        }
        out.printf("that were all %,d events%n", told);
    }

    /** Up to which event to go on, this one at least. */
    private long ask(long index) {
        while (true) {
            out.print(PROMPT);
            out.flush();
            String line = line();
            if (line == null || line.equals("a")) {
                out.println();
                return Long.MAX_VALUE;
            }
            if (line.isEmpty()) {
                return index;
            }
            if (line.matches("\\d{1,18}")) {
                return Math.max(index, Long.parseLong(line));
            }
            out.println("'" + Printable.of(line) + "' is neither empty nor a number nor a");
        }
    }

    private @Nullable String line() {
        try {
            String line = in.readLine();
            return line == null ? null : line.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tell(Numbered event) {
        out.println(
                Printable.of(
                        "event %d  %s  %s%s"
                                .formatted(
                                        event.index(),
                                        event.recorded().id(),
                                        event.type(),
                                        event.recorded().event() instanceof NewerEvent
                                                ? " (of a newer program)"
                                                : "")));
        narrator.read(event.recorded());
        state.next(event.recorded());
        out.println(Printable.of("             " + open()));
    }

    /** What is open now, in a line. */
    private String open() {
        return "queued: %s; claimed: %s; masters: %s"
                .formatted(
                        listed(
                                state.requests().entrySet().stream()
                                        .filter(it ->
                                                it.getValue().state()
                                                        instanceof BuildRequest.Unclaimed)
                                        .map(it -> String.valueOf(it.getKey()))
                                        .toList()),
                        listed(
                                state.requests().entrySet().stream()
                                        .flatMap(it ->
                                                BuildRequest.liveClaim(it.getValue().state())
                                                        .stream()
                                                        .map(claim ->
                                                                "%d by %s (%s/%d)"
                                                                        .formatted(
                                                                                it.getKey(),
                                                                                claim.master(),
                                                                                claim.builder(),
                                                                                claim
                                                                                        .buildNumber())))
                                        .toList()),
                        listed(
                                state.masters().entrySet().stream()
                                        .filter(it -> it.getValue().end() == null)
                                        .map(it -> it.getKey())
                                        .toList()));
    }

    private static String listed(List<String> items) {
        if (items.isEmpty()) {
            return "-";
        }
        String shown = items.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return items.size() <= SHOWN
                ? shown
                : "%s and %,d more".formatted(shown, items.size() - SHOWN);
    }
}
