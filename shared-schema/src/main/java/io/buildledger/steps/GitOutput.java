package io.buildledger.steps;

import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.OutputTap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a git command prints: the first part of its answer, and the last of its complaints. */
final class GitOutput implements OutputTap {

    private static final int MOST = 64 * 1024;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    @Override
    public synchronized void write(Source source, byte[] bytes, int count) {
        if (source == Source.STDOUT) {
            stdout.write(bytes, 0, Math.min(count, MOST - stdout.size()));
            return;
        }
        // What tells of progress comes before what has gone wrong.
        if (stderr.size() + count > 2 * MOST) {
            byte[] all = stderr.toByteArray();
            int kept = Math.min(all.length, MOST);
            stderr.reset();
            stderr.write(all, all.length - kept, kept);
        }
        stderr.write(bytes, 0, count);
    }

    synchronized String answer() {
        return stdout.toString(StandardCharsets.UTF_8).strip();
    }

    synchronized GitComplaint complaint(String command, int code) {
        return new GitComplaint(command, code, stderr.toString(StandardCharsets.UTF_8));
    }
}
