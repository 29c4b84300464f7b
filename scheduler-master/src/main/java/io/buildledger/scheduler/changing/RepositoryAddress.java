package io.buildledger.scheduler.changing;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a repository, as the configuration has it. Credentials in it are for git alone:
 * the log is kept for ever and everybody may read it, so what is recorded, shown or put into a
 * file's name has none.
 *
 * @param repourl what git is given
 */
record RepositoryAddress(String repourl) {

    private static final Pattern ADDRESS = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)@");
    private static final Pattern ADDRESS_IN_TEXT =
            Pattern.compile("\\b([A-Za-z][A-Za-z0-9+.-]*)://([^/\\s]*)@");
    private static final Pattern UNREADABLE = Pattern.compile("[^A-Za-z0-9]+");

    private static final int LONGEST_READABLE = 60;
    private static final int HASH_BYTES = 16;

    /** The address without credentials; it names the repository in the log. */
    String shown() {
        return withoutCredentials(repourl);
    }

    /** The address of a repository without credentials. */
    static String withoutCredentials(String repourl) {
        return ADDRESS.matcher(repourl).replaceFirst(RepositoryAddress::withoutCredentials);
    }

    /** What git said about this repository, or one that it led to, without credentials. */
    String cleaned(String text) {
        return ADDRESS_IN_TEXT
                .matcher(text.replace(repourl, shown()))
                .replaceAll(RepositoryAddress::withoutCredentials);
    }

    /** The user of an SSH address is a part of it, like {@code git@} where there is no scheme. */
    private static String withoutCredentials(MatchResult address) {
        String scheme = address.group(1);
        String user = address.group(2).replaceFirst("(?s):.*", "");
        String kept = scheme.contains("ssh") && !user.isEmpty() ? user + "@" : "";
        return Matcher.quoteReplacement(scheme + "://" + kept);
    }

    /**
     * A name for what belongs to this repository, of another for every other one, and short enough
     * for every file system.
     */
    String directoryName() {
        String readable = UNREADABLE.matcher(shown()).replaceAll("-");
        String end = readable.substring(Math.max(0, readable.length() - LONGEST_READABLE));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(shown().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, HASH_BYTES) + "-" + end;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return shown();
    }
}
