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

    /**
     * The scheme may be a variable of a shell, or be in quotes. Its length is bounded for the sake
     * of the time that a long text takes.
     */
    private static final Pattern ADDRESS_IN_TEXT =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]{0,19})?://([^/\\s]*)@");

    private static final String HIDDEN = "***";
    private static final Pattern UNREADABLE = Pattern.compile("[^A-Za-z0-9]+");

    private static final int LONGEST_READABLE = 60;
    private static final int HASH_DIGITS = 32;

    /** The address without credentials; it names the repository in the log. */
    public String shown() {
        return withoutCredentials(repourl);
    }

    /** The scheme, host and port; all of an address that has no path or is no URL. */
    public String origin() {
        int scheme = repourl.indexOf("://");
        int path = scheme < 0 ? -1 : repourl.indexOf('/', scheme + "://".length());
        return path < 0 ? repourl : repourl.substring(0, path);
    }

    /** The address of a repository without credentials. */
    public static String withoutCredentials(String repourl) {
        return ADDRESS.matcher(repourl)
                .replaceFirst(address -> rewritten(address, userOfSsh(address)));
    }

    /** The user of an SSH address is a part of it, like {@code git@} where there is no scheme. */
    private static String userOfSsh(MatchResult address) {
        String user = address.group(2).replaceFirst("(?s):.*", "");
        return isSsh(address) && !user.isEmpty() ? user + "@" : "";
    }

    /** What git said about this repository, or one that it led to, without credentials. */
    public String cleaned(String text) {
        return masked(text.replace(repourl, shown()));
    }

    /**
     * A text in which {@code ***} stands for what may be credentials in an address; also for what
     * only looks like them, as in {@code docker://image@sha256:...}.
     */
    public static String masked(String text) {
        String address = ADDRESS.matcher(text).replaceFirst(RepositoryAddress::mask);
        return ADDRESS_IN_TEXT.matcher(address).replaceAll(RepositoryAddress::mask);
    }

    private static String mask(MatchResult address) {
        boolean isUserAlone = isSsh(address) && address.group(2).indexOf(':') < 0;
        return isUserAlone
                ? Matcher.quoteReplacement(address.group())
                : rewritten(address, HIDDEN + "@");
    }

    private static boolean isSsh(MatchResult address) {
        return address.group(1) != null && address.group(1).contains("ssh");
    }

    private static String rewritten(MatchResult address, String user) {
        String scheme = address.group(1) == null ? "" : address.group(1);
        return Matcher.quoteReplacement(scheme + "://" + user);
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
