package io.buildledger.stepping;

/** What is at a path on a worker, after following symbolic links. */
public record FileStatus(Kind kind, long size) {

    /** What a path can lead to. */
    public enum Kind {
        FILE,
        DIRECTORY,
        OTHER
    }
}
