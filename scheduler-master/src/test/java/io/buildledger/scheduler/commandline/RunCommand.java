package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
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

    /**
     * @param directory where the password may be kept
     */
    static Answer run(Database database, Path directory, String command, String... more)
            throws IOException {
        Path password =
                Files.writeString(directory.resolve("password"), database.password() + "\n");
        List<String> args =
                new ArrayList<>(
                        List.of(
                                command,
                                "--db-url",
                                database.url(),
                                "--user",
                                database.user(),
                                "--password-file",
                                password.toString()));
        args.addAll(List.of(more));
        return run(args.toArray(String[]::new));
    }
}
