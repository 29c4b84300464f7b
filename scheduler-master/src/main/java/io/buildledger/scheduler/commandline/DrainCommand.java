package io.buildledger.scheduler.commandline;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "drain",
        description = {
            "Let a master claim nothing more, and stop when its builds have ended.",
            "Shows how many are left until it has stopped."
        })
final class DrainCommand extends ActingCommand {

    private static final long PAUSE_MILLIS = 500;

    /** So often in a row the progress may be unknown, while a database fails over: a minute. */
    static final int LOOKS_WITHOUT_ANSWER = 120;

    @Parameters(paramLabel = "MASTER", description = "its name")
    private String name = "";

    @Option(
            names = "--now",
            description = "interrupt its builds; other masters build their requests again")
    private boolean now;

    @Option(names = "--no-wait", description = "end as soon as the master is told")
    private boolean noWait;

    private final BooleanSupplier pause;
    private String shown = "";

    DrainCommand() {
        this(DrainCommand::pause);
    }

    /**
     * @param pause lets some time pass; false if it was interrupted
     */
    DrainCommand(BooleanSupplier pause) {
        this.pause = pause;
    }

    @Override
    void run(Master master) {
        String path = "/api/masters/" + Master.segment(name);
        JsonNode answer = tell(master, path + "/drain", "now", now);
        if (!answer.path("changed").asBoolean() && !json()) {
            out().println(name + ": is draining already");
        }
        JsonNode last = answer.path("master");
        if (!noWait) {
            last = await(master, path, answer);
        } else if (!json()) {
            show(last);
        }
        if (json()) {
            print(last);
        }
    }

    private JsonNode await(Master master, String path, JsonNode answer) {
        JsonNode told = answer.path("master");
        JsonNode last = told;
        int unanswered = 0;
        while (isDraining(told, last)) {
            show(last);
            if (!pause.getAsBoolean()) {
                throw new NoAnswerException(name + " goes on draining");
            }
            try {
                last = master.get(path);
                unanswered = 0;
            } catch (NoAnswerException e) {
                if (answer.path("self").asBoolean()) {
                    // It served this address itself.
                    return end(told, stopped(last));
                }
                if (++unanswered == LOOKS_WITHOUT_ANSWER) {
                    throw e;
                }
            }
        }
        return end(told, last);
    }

    /** A later life of the same name says nothing of the one that was told. */
    private static boolean isDraining(JsonNode told, JsonNode master) {
        return master.path("epoch").asLong() == told.path("epoch").asLong()
                && master.path("state").asString().equals("live")
                && !master.path("drain").isNull();
    }

    private static JsonNode stopped(JsonNode master) {
        ObjectNode stopped = ((ObjectNode) master).deepCopy();
        stopped.put("state", "stopped");
        return stopped;
    }

    private JsonNode end(JsonNode told, JsonNode last) {
        boolean sameLife = last.path("epoch").asLong() == told.path("epoch").asLong();
        String state = last.path("state").asString();
        if (!sameLife) {
            say(name + ": has been started again");
        } else if (state.equals("lost")) {
            throw new NoAnswerException(
                    name + " was lost before it had drained: others take its requests over");
        } else if (state.equals("live")) {
            throw new NoAnswerException(name + " was undrained and goes on");
        } else {
            say(name + ": stopped");
        }
        return last;
    }

    private void show(JsonNode master) {
        long builds = master.path("claims").asLong();
        say(
                builds == 0
                        ? name + ": no builds to end"
                        : "%s: %d %s to end"
                                .formatted(name, builds, builds == 1 ? "build" : "builds"));
    }

    /** Each line once, however often it is looked. */
    private void say(String line) {
        if (!json() && !line.equals(shown)) {
            shown = line;
            out().println(line);
            out().flush();
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
}
