package io.buildledger.scheduler.commandline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "log", description = "Show the log of a build.")
final class LogCommand extends ClientCommand {

    private static final long PAUSE_MILLIS = 500;

    @Parameters(paramLabel = "BUILDER/NUMBER", description = "the build, such as linux/12")
    private String build = "";

    @Option(names = "--step", paramLabel = "N", description = "the log of this step alone")
    private @Nullable Integer step;

    @Option(names = "--follow", description = "go on until the build has ended")
    private boolean follow;

    private record Key(int step, String name) {}

    /** How far a log has been read. */
    private static final class Reading {
        private long next;
        private boolean complete;
        private final ArrayNode lines = Master.JSON.createArrayNode();
    }

    private final Map<Key, Reading> readings = new LinkedHashMap<>();
    private @Nullable Key shown;

    @Override
    void run(Master master) {
        String logs = "/api/builds/%s/logs".formatted(path());
        boolean finished;
        do {
            JsonNode list = master.get(logs);
            finished = list.path("finished").asBoolean();
            readAll(master, logs, list.path("logs"));
        } while (follow && !finished && pause());
        if (json()) {
            print(asJson(finished));
        } else if (readings.isEmpty()) {
            throw new NoAnswerException(
                    step == null
                            ? "build %s has no log yet".formatted(build)
                            : "step %d of build %s has no log yet".formatted(step, build));
        }
    }

    private String path() {
        int slash = build.lastIndexOf('/');
        String number = build.substring(slash + 1);
        if (slash < 1 || !number.matches("\\d{1,18}")) {
            throw misuse("'%s' is not a build: BUILDER/NUMBER, such as linux/12".formatted(build));
        }
        return Master.segment(build.substring(0, slash)) + "/" + number;
    }

    private void readAll(Master master, String logs, JsonNode list) {
        for (JsonNode log : list) {
            Key key = new Key(log.path("step").asInt(), log.path("name").asString());
            if (step == null || step == key.step()) {
                Reading reading = readings.computeIfAbsent(key, _ -> new Reading());
                read(master, logs, key, reading);
            }
        }
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
            out().println("--- step %d, %s".formatted(key.step(), key.name()));
            shown = key;
        }
        out().println(line.path("text").asString());
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
            log.put("name", key.name());
            log.put("complete", reading.complete);
            log.set("lines", reading.lines);
        });
        return answer;
    }
}
