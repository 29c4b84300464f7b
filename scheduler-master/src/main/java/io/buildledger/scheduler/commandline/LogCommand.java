package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "log", description = "Show the log of a build.")
final class LogCommand extends ClientCommand {

    private static final long PAUSE_MILLIS = 400;

    /** So often it is looked for the rest of a log after the build's end; ten seconds. */
    static final int LOOKS_AFTER_END = 25;

    @Parameters(paramLabel = "BUILDER/NUMBER", description = "the build, such as linux/12")
    private String build = "";

    @Option(names = "--step", paramLabel = "N", description = "the logs of this step alone")
    private @Nullable Integer step;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "the logs of this name alone, such as stdio")
    private @Nullable String name;

    @Option(
            names = "--follow",
            description = "go on until the build has ended and its log is complete")
    private boolean follow;

    private record Key(int step, String name) {}

    /** How far a log has been read. */
    private static final class Reading {
        private long next;
        private boolean complete;
        private @Nullable String stepName;
        private final ArrayNode lines = Master.JSON.createArrayNode();
    }

    private final BooleanSupplier toTerminal;
    private final BooleanSupplier pause;
    private final Map<Key, Reading> readings = new LinkedHashMap<>();
    private @Nullable Key shown;

    /** Where the line came from that was shown last, if only a part of it was. */
    private @Nullable String partial;

    private boolean filtered;
    private boolean coloured;

    LogCommand() {
        this(Terminal::isOutput, LogCommand::pause);
    }

    /**
     * @param toTerminal whether the output is a terminal, which obeys what is written to it
     * @param pause lets some time pass; false if it was interrupted
     */
    LogCommand(BooleanSupplier toTerminal, BooleanSupplier pause) {
        this.toTerminal = toTerminal;
        this.pause = pause;
    }

    @Override
    void run(Master master) {
        String logs = BuildName.read(this, build).path() + "/logs";
        filtered = !json() && toTerminal.getAsBoolean();
        boolean finished;
        try {
            finished = read(master, logs);
        } finally {
            endShown();
        }
        if (json()) {
            print(asJson(finished));
        } else if (readings.isEmpty()) {
            throw new NoAnswerException(
                    "%s has no log%s yet"
                            .formatted(
                                    step == null
                                            ? "build " + build
                                            : "step %d of build %s".formatted(step, build),
                                    name == null ? "" : " " + name));
        }
    }

    /** Reads what is to be shown, and returns whether the build has ended. */
    private boolean read(Master master, String logs) {
        boolean finished;
        boolean more;
        int looksAfterEnd = 0;
        do {
            JsonNode list = master.get(logs);
            finished = list.path("finished").asBoolean();
            readAll(master, logs, list.path("logs"));
            more = follow && !(finished && isComplete(list));
            looksAfterEnd += finished ? 1 : 0;
        } while (more && looksAfterEnd <= LOOKS_AFTER_END && pause.getAsBoolean());
        if (more && finished && !readings.isEmpty()) {
            endShown();
            warn("the log of build %s ends here, incomplete".formatted(build));
        }
        return finished;
    }

    /** Logs come by themselves, perhaps after the build's end. */
    private boolean isComplete(JsonNode list) {
        return list.path("complete").asBoolean()
                || (step != null
                        && !readings.isEmpty()
                        && readings.values().stream().allMatch(reading -> reading.complete));
    }

    private void readAll(Master master, String logs, JsonNode list) {
        for (JsonNode log : list) {
            Key key = new Key(log.path("step").asInt(), log.path("name").asString());
            if (isWanted(key)) {
                Reading reading = readings.computeIfAbsent(key, _ -> new Reading());
                reading.stepName = log.path("stepName").stringValueOpt().orElse(null);
                read(master, logs, key, reading);
            }
        }
    }

    private boolean isWanted(Key key) {
        return (step == null || step == key.step()) && (name == null || name.equals(key.name()));
    }

    private void read(Master master, String logs, Key key, Reading reading) {
        boolean more = !reading.complete;
        while (more) {
            JsonNode page =
                    master.get(
                            "%s/%d/%s?from=%d"
                                    .formatted(
                                            logs,
                                            key.step(),
                                            Master.segment(key.name()),
                                            reading.next));
            JsonNode lines = page.path("lines");
            for (JsonNode line : lines) {
                show(key, reading, line);
            }
            reading.next = page.path("next").asLong();
            reading.complete = page.path("complete").asBoolean();
            more = !reading.complete && !lines.isEmpty();
        }
        out().flush();
    }

    private void show(Key key, Reading reading, JsonNode line) {
        if (json()) {
            reading.lines.add(line);
            return;
        }
        if (!key.equals(shown)) {
            endShown();
            out().println(heading(key, reading.stepName));
            shown = key;
        }
        String source = line.path("source").asString();
        if (partial != null && !partial.equals(source)) {
            endLine();
        }
        String text = line.path("text").asString();
        if (filtered) {
            text = TerminalText.of(text);
            coloured |= TerminalText.isColoured(text);
        }
        out().print(text);
        partial = source;
        if (!line.path("partial").asBoolean(false)) {
            endLine();
        }
    }

    private void endLine() {
        out().println();
        partial = null;
    }

    private void endShown() {
        if (partial != null) {
            endLine();
        }
        endColours();
    }

    private static String heading(Key key, @Nullable String stepName) {
        return Printable.of(
                stepName == null
                        ? "--- step %d, %s".formatted(key.step(), key.name())
                        : "--- step %d %s, %s".formatted(key.step(), stepName, key.name()));
    }

    private void endColours() {
        if (coloured) {
            out().print(TerminalText.PLAIN);
            coloured = false;
        }
    }

    private static boolean pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private ObjectNode asJson(boolean finished) {
        ObjectNode answer = Master.JSON.createObjectNode();
        answer.put("build", build);
        answer.put("finished", finished);
        ArrayNode logs = answer.putArray("logs");
        readings.forEach((key, reading) -> {
            ObjectNode log = logs.addObject();
            log.put("step", key.step());
            log.put("stepName", reading.stepName);
            log.put("name", key.name());
            log.put("complete", reading.complete);
            log.set("lines", reading.lines);
        });
        return answer;
    }
}
