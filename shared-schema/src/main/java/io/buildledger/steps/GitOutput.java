package io.buildledger.steps;

import io.buildledger.configuring.RepositoryAddress;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.stepping.OutputTap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** The first part of what a git command prints: its answer, and its complaint. */
final class GitOutput implements OutputTap {

    private static final int MOST = 16 * 1024;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

    @Override
    public synchronized void write(Source source, byte[] bytes, int count) {
        ByteArrayOutputStream kept = source == Source.STDOUT ? stdout : stderr;
        kept.write(bytes, 0, Math.min(count, MOST - kept.size()));
    }

    synchronized String answer() {
        return stdout.toString(StandardCharsets.UTF_8).strip();
    }

    /** The first line that git calls fatal or an error; empty if there is none. */
    synchronized String complaint() {
        return stderr.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("fatal: ") || line.startsWith("error: "))
                .map(RepositoryAddress::masked)
                .findFirst()
                .orElse("");
    }
}
