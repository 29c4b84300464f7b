package io.buildledger.configuring;

import java.util.Map;
import java.util.Set;

/**
 * Which keys of a file a master reads only when it starts. A key that another role reads is none of
 * this master's business, whatever it says.
 */
final class RestartKeys {

    private static final Set<String> BOTH = Set.of("scheduler", "builder");

    /** In which roles. */
    static final Map<String, Set<String>> ROLES =
            Map.of(
                    "db_url", BOTH,
                    "db_user", BOTH,
                    "db_password", BOTH,
                    "db_password_file", BOTH,
                    "db_poll_interval", BOTH,
                    "lease", BOTH,
                    "on_lease_lapse", Set.of("builder"),
                    "hints", BOTH,
                    "basedir", BOTH,
                    "web", Set.of("scheduler"));

    /** Those that a master takes over while it runs. */
    static final Set<String> RELOADED =
            Set.of(
                    "multi_master",
                    "drain_timeout",
                    "collapse_requests",
                    "change_sources",
                    "change_hooks",
                    "codebases",
                    "schedulers",
                    "services",
                    "builders",
                    "workers");

    private RestartKeys() {}

    /** Also of a key that nobody has thought of here. */
    static boolean has(String key, String role) {
        return !RELOADED.contains(key) && ROLES.getOrDefault(key, BOTH).contains(role);
    }
}
