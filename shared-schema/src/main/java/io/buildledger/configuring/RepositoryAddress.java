package io.buildledger.configuring;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The address of a repository, as the configuration has it. Credentials in it are for git alone:
 * the log is kept for ever and everybody may read it, so what is recorded, shown or put into a
 * file's name has none.
 *
 * @param repourl what git is given
 */
public record RepositoryAddress(String repourl) {

    /** Git's transports that run no program of an address's choosing, as {@code ext::} does. */
    public static final String PROTOCOLS = "file:git:http:https:ssh";

    private static final Pattern ADDRESS = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)@");
    private static final Pattern ADDRESS_IN_TEXT =
            Pattern.compile("\\b([A-Za-z][A-Za-z0-9+.-]*)://([^/\\s]*)@");
    private static final Pattern UNREADABLE = Pattern.compile("[^A-Za-z0-9]+");

    private static final int LONGEST_READABLE = 60;
    private static final int HASH_DIGITS = 32;

    /** The address without credentials; it names the repository in the log. */
    public String shown() {
        return withoutCredentials(repourl);
    }

    /** The address of a repository without credentials. */
    public static String withoutCredentials(String repourl) {
        return ADDRESS.matcher(repourl).replaceFirst(RepositoryAddress::withoutCredentials);
    }

    /** What git said about this repository, or one that it led to, without credentials. */
    public String cleaned(String text) {
        return cleanedOfAll(text.replace(repourl, shown()));
    }

    /** A text without the credentials of any address in it. */
    public static String cleanedOfAll(String text) {
        return ADDRESS_IN_TEXT.matcher(text).replaceAll(RepositoryAddress::withoutCredentials);
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
    public String directoryName() {
        String readable = UNREADABLE.matcher(shown()).replaceAll("-");
        String end = readable.substring(Math.max(0, readable.length() - LONGEST_READABLE));
        return DigestUtils.sha256Hex(shown()).substring(0, HASH_DIGITS) + "-" + end;
    }

    @Override
    public String toString() {
        return shown();
    }
}
