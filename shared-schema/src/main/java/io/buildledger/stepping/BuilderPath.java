package io.buildledger.stepping;

/** What the text of a path in a file tells before any worker is there. */
public final class BuilderPath {

    private BuilderPath() {}

    /**
     * Whether a path leads out of the directory that it is relative to: it is absolute, or has more
     * {@code ..} than names before them.
     */
    public static boolean leadsOut(String path) {
        if (isAbsolute(path)) {
            return true;
        }
        int depth = 0;
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                depth--;
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    public static boolean isAbsolute(String path) {
        return path.startsWith("/");
    }
}
