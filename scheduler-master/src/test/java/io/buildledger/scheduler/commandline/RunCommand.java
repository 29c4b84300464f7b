package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs commands that go to the database themselves. */
final class RunCommand {

    record Answer(int status, String out, String err) {}

    @Command(name = "bin/buildledger")
    static final class Root {}

    private RunCommand() {}

    static Answer run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status =
                ClientCommands.addTo(new CommandLine(new Root()))
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err))
                        .execute(args);
        return new Answer(status, out.toString(), err.toString());
    }

    /** Against a database, with its own user. */
    static Answer run(Database database, Path directory, String command, String... more) {
        List<String> args = new ArrayList<>(List.of(command.split(" ")));
        args.addAll(options(database, directory));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }

    /**
     * How such a command is told which database is meant.
     *
     * @param directory where the password may be kept
     */
    static List<String> options(Database database, Path directory) {
        Path password = directory.resolve("password");
        try {
            Files.writeString(password, database.password() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of(
                "--db-url",
                database.url(),
                "--user",
                database.user(),
                "--password-file",
                password.toString());
    }
}
