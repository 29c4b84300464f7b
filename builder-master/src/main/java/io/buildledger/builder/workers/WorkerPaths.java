package io.buildledger.builder.workers;

import io.buildledger.stepping.StepAbortedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Paths on a worker, in the way of writing of its system.
 *
 * @param root absolute path of a builder's directory there
 */
record WorkerPaths(String root, boolean isWindows) {

    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

    /** The directory of a name in another one. */
    static String join(String directory, String name, boolean isWindows) {
        String separator = isWindows ? "\\" : "/";
        return directory.endsWith(separator) ? directory + name : directory + separator + name;
    }

    /**
     * The absolute path of one within the builder's directory.
     *
     * @throws StepAbortedException if it is outside
     */
    String absolute(String path) throws StepAbortedException {
        String slashed = isWindows ? path.replace('\\', '/') : path;
        if (slashed.startsWith("/") || (isWindows && DRIVE.matcher(slashed).matches())) {
            throw outside(path);
        }
        Deque<String> names = new ArrayDeque<>();
        for (String name : slashed.split("/", -1)) {
            if (name.equals("..")) {
                if (names.pollLast() == null) {
                    throw outside(path);
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        String absolute = root;
        for (String name : names) {
            absolute = join(absolute, name, isWindows);
        }
        return absolute;
    }

    /** What an absolute path that the worker has found is within the builder's directory. */
    String relative(String absolute) {
        String below = absolute.startsWith(root) ? absolute.substring(root.length()) : absolute;
        return String.join(
                "/",
                List.of((isWindows ? below.replace('\\', '/') : below).split("/", -1)).stream()
                        .filter(name -> !name.isEmpty())
                        .toList());
    }

    private static StepAbortedException outside(String path) {
        return StepAbortedException.refused(
                "'%s' is outside the builder's directory".formatted(path));
    }
}
