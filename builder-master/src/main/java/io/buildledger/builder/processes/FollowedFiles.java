package io.buildledger.builder.processes;

import io.buildledger.builder.logging.LogsOfStep;
import io.buildledger.builder.logging.StepOutput;
import io.buildledger.steplog.StepLogs.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries files that a command writes to logs of their own, while it runs. */
final class FollowedFiles implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FollowedFiles.class);
    private static final long INTERVAL_MILLIS = 250;
    private static final int BUFFER = 16 * 1024;

    private static final class Followed {
        private final Path file;
        private final StepOutput log;
        private final @Nullable FileTime before;
        private long position;

        Followed(Path file, StepOutput log) throws IOException {
            this.file = file;
            this.log = log;
            this.before = Files.isRegularFile(file) ? Files.getLastModifiedTime(file) : null;
        }

        void readOn() throws IOException {
            if (!Files.isRegularFile(file)
                    || (position == 0 && Files.getLastModifiedTime(file).equals(before))) {
                return;
            }
            try (FileChannel channel = FileChannel.open(file)) {
                if (channel.size() < position) {
                    // Written anew.
                    position = 0;
                }
                ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
                while (channel.read(buffer, position) > 0) {
                    log.write(Source.STDOUT, buffer.array(), buffer.position());
                    position += buffer.position();
                    buffer.clear();
                }
            }
        }

        @Override
        public String toString() {
            return file.toString();
        }
    }

    private final List<Followed> files = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;

    private FollowedFiles(Path directory, Map<String, String> logFiles, LogsOfStep logs)
            throws IOException {
        for (Map.Entry<String, String> named : logFiles.entrySet()) {
            files.add(new Followed(directory.resolve(named.getValue()), logs.log(named.getKey())));
        }
        thread = Thread.ofVirtual().name("follow-files").unstarted(this::run);
    }

    /** Follows the files until it is closed; does nothing where there is none. */
    static FollowedFiles follow(Path directory, Map<String, String> logFiles, LogsOfStep logs)
            throws IOException {
        FollowedFiles followed = new FollowedFiles(directory, logFiles, logs);
        if (!followed.files.isEmpty()) {
            followed.thread.start();
        }
        return followed;
    }

    private void run() {
        try {
            while (!closing.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS)) {
                readOn();
            }
        } catch (InterruptedException e) {
            LOG.warn("following {} was interrupted", files);
        }
        readOn();
    }

    private void readOn() {
        for (Followed file : files) {
            try {
                file.readOn();
            } catch (IOException | RuntimeException e) {
                LOG.warn("{} can't be followed into its log", file, e);
            }
        }
    }

    /** Reads the rest of them. */
    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
