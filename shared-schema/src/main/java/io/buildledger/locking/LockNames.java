package io.buildledger.locking;

/** What people are told of a lock. */
public final class LockNames {

    private static final String OF_BUILDER = "builder:";

    private LockNames() {}

    /** The name as it is in streams, in words. */
    public static String shown(String lock) {
        if (lock.startsWith(OF_BUILDER)) {
            return "max_builds of builder " + lock.substring(OF_BUILDER.length());
        }
        int slash = lock.indexOf('/');
        return slash < 0
                ? "lock " + lock
                : "lock %s of worker %s"
                        .formatted(lock.substring(0, slash), lock.substring(slash + 1));
    }
}
