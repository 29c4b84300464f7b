package io.buildledger.scheduler.demonstrating;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What the system says of a process. The number alone says little, for numbers are used again; when
 * it started says nothing for sure, for clocks are set.
 *
 * @param command its program; empty where the system does not say, as of one that is ending
 */
record RunningProcess(long pid, String command, List<String> arguments) {

    static RunningProcess of(ProcessHandle handle) {
        ProcessHandle.Info info = handle.info();
        return new RunningProcess(
                handle.pid(),
                info.command().orElse(""),
                Arrays.asList(info.arguments().orElse(new String[0])));
    }

    /** Whether it is a demo, and has this number. */
    boolean isDemo(long demo) {
        return pid == demo && isJava() && arguments.contains(DemoCommand.NAME);
    }

    /** Whether it belongs to the demo in a directory: a master, or a part of the database. */
    boolean isOf(DemoDirectory demo) {
        return isDatabaseOf(demo) || isMasterOf(demo);
    }

    boolean isMasterOf(DemoDirectory demo) {
        int config = arguments.indexOf("--config");
        return isJava()
                && config >= 0
                && arguments
                        .subList(config, arguments.size())
                        .contains(demo.configuration().toString());
    }

    /** The server's program is in the demo's directory; a shell installs it from a script there. */
    private boolean isDatabaseOf(DemoDirectory demo) {
        return isIn(demo.database(), command)
                || (!arguments.isEmpty()
                        && isShell()
                        && isIn(demo.database(), arguments.getFirst()));
    }

    private static boolean isIn(Path directory, String file) {
        return file.startsWith(directory + "/");
    }

    private boolean isJava() {
        return command.endsWith("/java");
    }

    private boolean isShell() {
        return command.endsWith("sh");
    }
}
