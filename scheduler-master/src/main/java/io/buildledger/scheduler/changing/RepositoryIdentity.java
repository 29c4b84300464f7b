package io.buildledger.scheduler.changing;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One name for a repository, whichever of its addresses it is called by: the scheme, the user, a
 * port that is the scheme's own, the case of the host's name, slashes around the path and an ending
 * {@code .git} make no difference, and {@code git@host:path} is {@code https://host/path}. A path
 * on this machine, with or without {@code file://}, is only itself.
 */
final class RepositoryIdentity {

    private static final Pattern URL =
            Pattern.compile("(?s)([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@]*@)?([^/]*)(.*)");

    /** A single letter before the colon is a drive of Windows. */
    private static final Pattern SCP =
            Pattern.compile("(?s)(?:[^/:@]*@)?([^/:@]{2,}|\\[[0-9A-Fa-f:.]+]):(.*)");

    private static final Pattern PORT = Pattern.compile("(?s)(.*):(\\d*)");

    private static final Map<String, String> OWN_PORTS =
            Map.of("http", "80", "https", "443", "ssh", "22", "git", "9418");

    private RepositoryIdentity() {}

    static String of(String repository) {
        Matcher url = URL.matcher(repository);
        if (url.matches()) {
            String scheme = url.group(1).toLowerCase(Locale.ROOT);
            return scheme.equals("file")
                    ? repository
                    : named(withoutOwnPort(scheme, url.group(2)), url.group(3));
        }
        Matcher scp = SCP.matcher(repository);
        return scp.matches() ? named(scp.group(1), scp.group(2)) : repository;
    }

    private static String withoutOwnPort(String scheme, String host) {
        Matcher port = PORT.matcher(host);
        return port.matches()
                        && (port.group(2).isEmpty() || port.group(2).equals(OWN_PORTS.get(scheme)))
                ? port.group(1)
                : host;
    }

    /** In the form of SCP, which no path on this machine has. */
    private static String named(String host, String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        if (path.substring(start, end).endsWith(".git")) {
            end -= ".git".length();
        }
        return host.toLowerCase(Locale.ROOT) + ":" + path.substring(start, end);
    }
}
