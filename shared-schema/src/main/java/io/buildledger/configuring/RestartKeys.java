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
            Map.ofEntries(
                    Map.entry("db_url", BOTH),
                    Map.entry("db_user", BOTH),
                    Map.entry("db_password", BOTH),
                    Map.entry("db_password_file", BOTH),
                    Map.entry("db_poll_interval", BOTH),
                    Map.entry("lease", BOTH),
                    Map.entry("on_lease_lapse", Set.of("builder")),
                    Map.entry("hints", BOTH),
                    Map.entry("metrics", BOTH),
                    Map.entry("traces", Set.of("scheduler")),
                    Map.entry("basedir", BOTH),
                    Map.entry("artifacts", BOTH),
                    Map.entry("web", Set.of("scheduler")),
                    Map.entry("worker_protocol", Set.of("builder")));

    /** Those that a master takes over while it runs. */
    static final Set<String> RELOADED =
            Set.of(
                    "access",
                    "multi_master",
                    "properties",
                    "drain_timeout",
                    "allow_master_shell",
                    "log_max_size",
                    "log_max_tail_size",
                    "collapse_requests",
                    "builder_fingerprint",
                    "change_sources",
                    "change_hooks",
                    "codebases",
                    "schedulers",
                    "services",
                    "projects",
                    "builders",
                    "workers",
                    "secrets",
                    "locks");

    private RestartKeys() {}

    /** Also of a key that nobody has thought of here. */
    static boolean has(String key, String role) {
        return !RELOADED.contains(key) && ROLES.getOrDefault(key, BOTH).contains(role);
    }
}
