package io.buildledger.scheduler.commandline;

import io.buildledger.scheduler.admitting.Passwords;
import io.buildledger.scheduler.admitting.UsersFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "password",
        description = {
            "Make somebody's line of the file of users, by which they log in with a password.",
            "The password is asked for, or is the one line of standard input if that is no terminal."
        })
final class PasswordCommand extends LocalCommand {

    /** Passwords end long before; it only has to be seen that this one is too long. */
    private static final int MOST_BYTES = 64 * 1024;

    @Parameters(paramLabel = "NAME", description = "what they are called")
    private String name = "";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "the cluster's file, which names the file of users: the line is put there, in place of one that they have (it is printed)")
    private @Nullable Path config;

    private final Function<String, Optional<String>> terminal;
    private final InputStream input;

    PasswordCommand() {
        this(Terminal::readHidden, System.in);
    }

    /**
     * @param terminal asks for a text that nobody sees; nothing if there is no terminal
     * @param input where the password comes from then
     */
    PasswordCommand(Function<String, Optional<String>> terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    boolean run() {
        // Before somebody enters one for nothing.
        requireName();
        Path users = config == null ? null : AccessFile.users(config);
        String hash = hash();
        if (users == null) {
            String line = UsersFile.line(name, hash);
            if (json()) {
                printAsJson(Map.of("line", line));
            } else {
                out().println(line);
            }
            return true;
        }
        boolean replaced = UsersFile.put(users, name, hash);
        if (json()) {
            printAsJson(Map.of("name", name, "file", users.toString(), "replaced", replaced));
        } else {
            out().println(
                            "%s has %s password in %s"
                                    .formatted(name, replaced ? "another" : "a", users));
        }
        return true;
    }

    private void requireName() {
        try {
            String _ = UsersFile.line(name, "");
        } catch (IllegalArgumentException e) {
            throw misuse(String.valueOf(e.getMessage()));
        }
    }

    private String hash() {
        try {
            return Passwords.hash(password());
        } catch (IllegalArgumentException e) {
            throw new NoAnswerException(String.valueOf(e.getMessage()));
        }
    }

    private String password() {
        Optional<String> first = terminal.apply("password of %s: ".formatted(name));
        if (first.isEmpty()) {
            return line();
        }
        if (!first.equals(terminal.apply("once more: "))) {
            throw new NoAnswerException("these were two different passwords: try again");
        }
        return first.get();
    }

    private String line() {
        try {
            byte[] bytes = input.readNBytes(MOST_BYTES);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .replaceFirst("\\r?\\n\\z", "");
        } catch (CharacterCodingException e) {
            throw new NoAnswerException("standard input is not UTF-8 text");
        } catch (IOException e) {
            throw new NoAnswerException(
                    "standard input can't be read (%s)".formatted(e.getMessage()));
        }
    }
}
