package io.buildledger.builder.processes;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.stepping.Invocation;
import io.buildledger.stepping.StepAbortedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A command with all that it takes to run it.
 *
 * @param environment all of it; nothing is inherited
 * @param timeout longest time without output; zero means unlimited
 * @param maxTime longest time in all
 */
record LocalCommand(
        List<String> words,
        Path directory,
        Map<String, String> environment,
        Duration timeout,
        @Nullable Duration maxTime) {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./^{}~-]+");
    private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

    /**
     * @param inherited variables that it has unless the invocation says otherwise
     */
    static LocalCommand of(Invocation invocation, Path directory, Map<String, String> inherited) {
        Map<String, String> environment = new HashMap<>(inherited);
        environment.putAll(invocation.environment());
        environment.keySet().removeAll(invocation.unset());
        return new LocalCommand(
                invocation.words(),
                directory,
                environment,
                invocation.timeout(),
                invocation.maxTime());
    }

    /** The command as one could type it in a shell, but for credentials in addresses. */
    String display() {
        return words.stream()
                .map(RepositoryAddress::masked)
                .map(word -> PLAIN.matcher(word).matches() ? word : quote(word))
                .collect(Collectors.joining(" "));
    }

    private static String quote(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }

    /**
     * Looks for the program before anything is started, because the launcher's own exit code for a
     * missing program could be the command's.
     */
    void requireProgram() throws StepAbortedException {
        String program = words.getFirst();
        if (!isThere(program)) {
            throw StepAbortedException.refused("there is no program '%s'".formatted(program));
        }
    }

    private boolean isThere(String program) {
        if (program.isEmpty()) {
            return false;
        }
        if (program.contains("/")) {
            return isExecutable(directory.resolve(program));
        }
        for (String element : environment.getOrDefault("PATH", DEFAULT_PATH).split(":", -1)) {
            if (isExecutable(directory.resolve(element).resolve(program))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isExecutable(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }
}
