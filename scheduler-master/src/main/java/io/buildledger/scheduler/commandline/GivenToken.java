package io.buildledger.scheduler.commandline;

import io.buildledger.secrets.PrivateFile;
import io.buildledger.secrets.PrivateFile.RefusedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The token by which a master knows who asks. It is no argument of a command, as others on the
 * machine see those, and no message has it.
 */
final class GivenToken {

    private static final String TOKEN = "BUILDLEDGER_TOKEN";
    private static final String TOKEN_FILE = "BUILDLEDGER_TOKEN_FILE";

    /** What a header of HTTP can hold; Java's message on what it can't would tell it. */
    private static final Pattern WORD = Pattern.compile("\\p{Graph}+");

    private GivenToken() {}

    /**
     * @param option the file of the command's option, which comes before the variables
     * @return null if none is given
     * @throws NoAnswerException if it can't be used
     */
    static @Nullable String find(@Nullable Path option, Map<String, String> environment) {
        if (option != null) {
            return read("--token-file", option);
        }
        String token = environment.getOrDefault(TOKEN, "").strip();
        if (!token.isEmpty()) {
            return require(TOKEN, "it", token);
        }
        String file = environment.getOrDefault(TOKEN_FILE, "");
        return file.isEmpty() ? null : read(TOKEN_FILE, Path.of(file));
    }

    private static String read(String called, Path file) {
        try {
            return require(called, file.toString(), PrivateFile.read(file).strip());
        } catch (NoSuchFileException e) {
            throw new NoAnswerException(
                    "%s: there is no file %s: write the token to it".formatted(called, file));
        } catch (RefusedException e) {
            throw new NoAnswerException(called + ": " + e.why());
        }
    }

    private static String require(String called, String holder, String token) {
        if (!WORD.matcher(token).matches()) {
            throw new NoAnswerException(
                    "%s: %s holds no token: one word of ASCII letters, digits and signs"
                            .formatted(called, holder));
        }
        return token;
    }
}
