package io.buildledger.chaos;

import java.util.List;

/** Another host name for one process, by Linux' {@code unshare}, which root may use. */
final class UtsNamespace {

    /** Words before a command that make it run on a machine of another name. */
    static final List<String> ELSEWHERE =
            List.of(
                    "unshare",
                    "--uts",
                    "sh",
                    "-c",
                    "hostname elsewhere.invalid && exec \"$@\"",
                    "elsewhere");

    private UtsNamespace() {}

    static boolean isPossible() throws InterruptedException {
        return Shell.succeeds("unshare", "--uts", "sh", "-c", "hostname elsewhere.invalid");
    }
}
