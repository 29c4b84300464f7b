package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.AccessName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * People and the hashes of their passwords: a line {@code NAME:HASH} each, with a hash of bcrypt,
 * as {@code htpasswd -B} makes it, or of Argon2, as {@code bin/buildledger password} does.
 */
public final class UsersFile {

    private static final String REMEDY = "'bin/buildledger password NAME --config FILE' makes it";

    private static final Pattern HASH =
            Pattern.compile(
                    "\\$2[aby]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}"
                            + "|\\$argon2(id|i|d)\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+");

    private final Map<String, String> hashes = new TreeMap<>();

    private UsersFile() {}

    /**
     * Reads all of it.
     *
     * @throws UnusableAccessException if it can't be read, if others than its owner and group may,
     *     or if it has a line that is none
     */
    static UsersFile read(Path file) {
        return of(FileLines.of(file, REMEDY));
    }

    private static UsersFile of(List<FileLines.Line> lines) {
        UsersFile users = new UsersFile();
        for (FileLines.Line line : lines) {
            int colon = line.text().indexOf(':');
            if (colon <= 0) {
                throw line.problem("is not like NAME:HASH");
            }
            String name = line.name();
            String hash = line.text().substring(colon + 1).strip();
            if (!AccessName.isOne(name)) {
                throw line.problem("does not begin with " + AccessName.RULE);
            }
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

    /**
     * The line of somebody.
     *
     * @throws IllegalArgumentException if nobody can be called so; the message is for people
     */
    public static String line(String name, String hash) {
        FileLines.requireName("NAME", name);
        return name + ":" + hash;
    }

    /**
     * Gives somebody a password, or another one. Masters go by it from the next login on.
     *
     * @param file made, if there is none, for this user alone
     * @return whether somebody of this name had one
     * @throws IllegalArgumentException if nobody can be called so; the message is for people
     * @throws UnusableAccessException if the file can't be used, or is wrong elsewhere; it is as it
     *     was then
     */
    public static boolean put(Path file, String name, String hash) {
        String line = line(name, hash);
        AtomicBoolean wasThere = new AtomicBoolean();
        ChangedFile.change(
                file,
                lines -> {
                    List<FileLines.Line> known = FileLines.of(file, lines);
                    for (FileLines.Line former : known) {
                        if (former.name().equals(name)) {
                            lines.set(former.number() - 1, line);
                            wasThere.set(true);
                        }
                    }
                    if (!wasThere.get()) {
                        lines.add(line);
                    }
                    UsersFile _ = of(FileLines.of(file, lines));
                    return lines;
                });
        return wasThere.get();
    }
}
