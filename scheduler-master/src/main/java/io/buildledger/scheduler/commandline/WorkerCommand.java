package io.buildledger.scheduler.commandline;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = "Let a worker rest, build again, or end.",
        subcommands = {
            WorkerCommand.Pause.class,
            WorkerCommand.Unpause.class,
            WorkerCommand.Stop.class
        })
final class WorkerCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli's
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "say what to do: worker pause, unpause or stop NAME");
    }

    /** Something that is asked of one worker. */
    abstract static class OfWorker extends ActingCommand {

        @Parameters(paramLabel = "NAME", description = "its name; of a local one MASTER/NAME")
        private String name = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "why, for the log")
        private String reason = "";

        private final String verb;

        OfWorker(String verb) {
            this.verb = verb;
        }

        /** What is said when it is done. */
        abstract String done(JsonNode worker);

        /** What is said when it was so before. */
        abstract String already();

        @Override
        final void run(Master master) {
            JsonNode answer =
                    tell(
                            master,
                            "/api/workers/%s/%s".formatted(Master.segment(name), verb),
                            "reason",
                            reason);
            if (json()) {
                print(answer);
            } else {
                out().println(
                                "%s %s"
                                        .formatted(
                                                name,
                                                answer.path("changed").asBoolean()
                                                        ? done(answer.path("worker"))
                                                        : already()));
            }
        }

        final String toEnd(JsonNode worker) {
            int builds = worker.path("builds").size();
            return builds == 0
                    ? ""
                    : "; %d %s on it %s to its end"
                            .formatted(
                                    builds,
                                    builds == 1 ? "build" : "builds",
                                    builds == 1 ? "goes on" : "go on");
        }
    }

    @Command(
            name = "pause",
            description = {
                "Let no master claim a build for a worker; what runs on it goes on.",
                "It holds wherever the worker attaches, until it is unpaused."
            })
    static final class Pause extends OfWorker {

        Pause() {
            super("pause");
        }

        @Override
        String done(JsonNode worker) {
            return "is paused" + toEnd(worker);
        }

        @Override
        String already() {
            return "is paused already";
        }
    }

    @Command(
            name = "unpause",
            description = "Let a worker build again that is paused, in quarantine, or to stop.")
    static final class Unpause extends OfWorker {

        Unpause() {
            super("unpause");
        }

        @Override
        String done(JsonNode worker) {
            return "may build again";
        }

        @Override
        String already() {
            return "is neither paused, nor in quarantine, nor to stop";
        }
    }

    @Command(
            name = "stop",
            description = {
                "Let no master claim a build for a worker, and shut it down when those on it have ended.",
                "When it is started again it builds again."
            })
    static final class Stop extends OfWorker {

        Stop() {
            super("stop");
        }

        @Override
        String done(JsonNode worker) {
            return "is told to stop" + toEnd(worker);
        }

        @Override
        String already() {
            return "is told to stop already";
        }
    }
}
