package io.buildledger.secrets;

import io.buildledger.secrets.PrivateFile.RefusedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The token that a file holds, which Vault's agent, or whoever else renews it, writes anew. */
record VaultToken(Path file) {

    /** What a header of HTTP can hold; Java's message on what it can't would tell it. */
    private static final Pattern TOKEN = Pattern.compile("\\p{Graph}+");

    /**
     * @throws RefusedException if the file has none
     */
    String read() throws RefusedException {
        try {
            String token = PrivateFile.read(file).strip();
            if (!TOKEN.matcher(token).matches()) {
                throw new RefusedException(
                        file + " holds no token: one word of ASCII letters, digits and signs");
            }
            return token;
        } catch (NoSuchFileException _) {
            throw new RefusedException(
                    "there is no file %s: write the token to it".formatted(file));
        }
    }

    /** What keeps it from being used now. */
    List<String> problems() {
        try {
            read();
            return List.of();
        } catch (RefusedException e) {
            return List.of(e.why());
        }
    }
}
