package io.buildledger.builder.attaching;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.stream.Collectors;

/** Says which workers may attach. */
@FunctionalInterface
public interface Credentials {

    /**
     * Called from several threads at once, on threads that may block for a short while. How long it
     * takes must not tell how much of the password is right, nor whether there is such a name.
     *
     * @param name without a colon and without control characters, not empty
     * @return whether a worker of this name has this password
     */
    boolean accepts(String name, String password);

    /** A fixed set: from the name of each worker to its password. */
    static Credentials of(Map<String, String> passwords) {
        Map<String, byte[]> digests =
                passwords.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, e -> sha256(e.getValue())));
        byte[] nobody = new byte[32];
        return (name, password) ->
                MessageDigest.isEqual(digests.getOrDefault(name, nobody), sha256(password));
    }

    /** Digests are of one length: comparing them does not even tell the password's length. */
    private static byte[] sha256(String password) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(password.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
