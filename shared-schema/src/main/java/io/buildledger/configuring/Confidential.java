package io.buildledger.configuring;

import io.buildledger.showing.Printable;
import java.util.regex.Pattern;

/** What of a configuration may be recorded for ever and shown to everybody. */
public final class Confidential {

    private static final Pattern SECRET_KEY =
            Pattern.compile(
                    "db_url|env|headers|config|ssh_private_key|(?:.*_)?(?:password|secret|token)");

    /** As in the parameters of a database's address. */
    private static final Pattern ASSIGNED =
            Pattern.compile("(?i)((?:password|secret|token)\\s*=)[^&\\s'\"]+");

    private Confidential() {}

    /**
     * Whether nothing of what stands at a key is to be seen: secrets, what may hold some as the
     * address of a database does, the environment of builds and headers of requests.
     */
    static boolean isSecret(String key) {
        return SECRET_KEY.matcher(key).matches();
    }

    /** A text in one line, without what may be credentials in addresses. */
    public static String masked(String text) {
        return Printable.of(RepositoryAddress.masked(ASSIGNED.matcher(text).replaceAll("$1***")));
    }
}
