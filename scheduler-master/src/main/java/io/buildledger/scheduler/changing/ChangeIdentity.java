package io.buildledger.scheduler.changing;

import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * What makes two changes the same one: repository, branch and revision. {@code refs/heads/main} is
 * {@code main}.
 *
 * @param digest SHA-256, in hexadecimal
 */
record ChangeIdentity(String digest) implements Comparable<ChangeIdentity> {

    private static final String HEADS = "refs/heads/";

    /**
     * @return null for a change that is new whenever it comes, as it has no revision, or is not
     *     said to be of any repository
     */
    static @Nullable ChangeIdentity of(NewChange change) {
        if (change.revision() == null
                || change.revision().isEmpty()
                || change.repository().isEmpty()) {
            return null;
        }
        String branch = change.branch() == null ? "" : change.branch();
        // None of them can hold a newline.
        return new ChangeIdentity(
                DigestUtils.sha256Hex(
                        String.join(
                                "\n",
                                RepositoryIdentity.of(change.repository()),
                                branch.startsWith(HEADS)
                                        ? branch.substring(HEADS.length())
                                        : branch,
                                change.revision())));
    }

    static ChangeIdentity stored(byte[] digest) {
        return new ChangeIdentity(HexFormat.of().formatHex(digest));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(digest);
    }

    @Override
    public int compareTo(ChangeIdentity other) {
        return digest.compareTo(other.digest);
    }
}
