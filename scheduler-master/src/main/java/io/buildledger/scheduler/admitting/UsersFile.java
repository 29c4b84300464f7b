package io.buildledger.scheduler.admitting;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * People and the hashes of their passwords: a line {@code NAME:HASH} each, with a hash of bcrypt,
 * as {@code htpasswd -B} makes it, or of Argon2, as {@code bin/buildledger password} does.
 */
final class UsersFile {

    private static final Pattern HASH =
            Pattern.compile(
                    "\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}"
                            + "|\\$argon2(id|i|d)\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+");

    private final Map<String, String> hashes = new TreeMap<>();

    private UsersFile() {}

    /**
     * Reads all of it.
     *
     * @throws UnusableAccessException if it can't be read, or has a line that is none
     */
    static UsersFile read(Path file) {
        UsersFile users = new UsersFile();
        for (FileLines.Line line : FileLines.of(file)) {
            int colon = line.text().indexOf(':');
            if (colon <= 0) {
                throw line.problem("is not like NAME:HASH");
            }
            String name = line.text().substring(0, colon).strip();
            String hash = line.text().substring(colon + 1).strip();
            if (!HASH.matcher(hash).matches()) {
                throw line.problem(
                        "the password of %s is hashed neither by bcrypt nor by Argon2: make the line by 'htpasswd -nB %s', or by 'bin/buildledger password %s'"
                                .formatted(name, name, name));
            }
            if (users.hashes.put(name, hash) != null) {
                throw line.problem("has %s once more: keep one line".formatted(name));
            }
        }
        return users;
    }

    /** Of one whom it has; null if it has nobody. */
    @Nullable String anyHash() {
        return hashes.isEmpty() ? null : hashes.values().iterator().next();
    }

    /** Null for one whom it does not have. */
    @Nullable String hashOf(String name) {
        return hashes.get(name);
    }
}
