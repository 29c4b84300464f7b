package io.buildledger.fetching;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How git calls ssh: it never asks anybody, and shows and trusts what it is told to. */
public final class SshCommand {

    private SshCommand() {}

    /**
     * What the variable {@code GIT_SSH_COMMAND} is to hold, which git hands to a shell.
     *
     * @param privateKey path of the file with the only key to show; null for those of the user
     * @param knownHosts path of the file with the only hosts to trust; null for those of the user
     * @throws IOException if ssh takes no such path; the message says which
     */
    public static String of(@Nullable String privateKey, @Nullable String knownHosts)
            throws IOException {
        List<String> words = new ArrayList<>(List.of("ssh", "-o", "BatchMode=yes"));
        if (privateKey != null) {
            words.addAll(List.of("-o", "IdentitiesOnly=yes"));
            words.addAll(List.of("-o", "IdentityFile=" + quotedForSsh(privateKey)));
        }
        if (knownHosts != null) {
            words.addAll(List.of("-o", "StrictHostKeyChecking=yes"));
            words.addAll(List.of("-o", "GlobalKnownHostsFile=none"));
            words.addAll(List.of("-o", "UserKnownHostsFile=" + quotedForSsh(knownHosts)));
        }
        return words.stream().map(SshCommand::quotedForShell).collect(Collectors.joining(" "));
    }

    /** Ssh reads its options like the lines of its own file. */
    private static String quotedForSsh(String path) throws IOException {
        if (path.chars().anyMatch(it -> Character.isISOControl(it) || "\"\\$".indexOf(it) >= 0)) {
            throw new IOException("ssh takes no path like " + path + ": rename it");
        }
        return '"' + path.replace("%", "%%") + '"';
    }

    /** The word as a shell of POSIX takes it for itself. */
    public static String quotedForShell(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
