package io.buildledger.builder.substantiating;

import io.buildledger.secrets.Scrubber;
import io.buildledger.secrets.Secret;
import io.buildledger.substantiating.LatentRun;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what starts and stops a worker as processes of this master. What they print is only seen
 * where they fail, in the master's log.
 */
final class MasterRun implements LatentRun {

    private static final Logger LOG = LoggerFactory.getLogger(MasterRun.class);

    /** Of what a command has printed, in bytes. */
    private static final int SHOWN = 4096;

    private final Latent latent;
    private final Place place;
    private final Duration limit;

    /**
     * @param limit of each command
     */
    MasterRun(Latent latent, Place place, Duration limit) {
        this.latent = latent;
        this.place = place;
        this.limit = limit;
    }

    @Override
    public String worker() {
        return latent.worker();
    }

    @Override
    public String password() {
        return latent.password();
    }

    @Override
    public String masterHost() {
        return place.host();
    }

    @Override
    public int masterPort() {
        return place.port();
    }

    @Override
    public Map<String, String> environment() {
        return Map.of(
                "BUILDMASTER", place.host(),
                "BUILDMASTER_PORT", String.valueOf(place.port()),
                "BUILDMASTER_PROTOCOL", "msgpack_experimental_v7",
                "WORKERNAME", latent.worker(),
                "WORKERPASS", latent.password());
    }

    @Override
    public void command(List<String> words, Map<String, String> env) throws IOException {
        // Not a pipe, which what it leaves running would hold open.
        Path output = Files.createTempFile("buildledger-latent", ".out");
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(words)
                            .directory(place.directory().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .redirectInput(new File("/dev/null"));
            Map<String, String> variables = builder.environment();
            variables.clear();
            variables.putAll(place.environment());
            variables.putAll(environment());
            variables.putAll(env);
            String failure = failure(words.getFirst(), builder.start());
            if (!failure.isEmpty()) {
                LOG.warn(
                        "worker {}: {}; it has printed: {}",
                        latent.worker(),
                        failure,
                        end(output, env));
                throw new IOException(failure);
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private String failure(String program, Process process) throws IOException {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                kill(process);
                return "%s took longer than %d s".formatted(program, limit.toSeconds());
            }
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(program + " was interrupted");
        }
        return process.exitValue() == 0
                ? ""
                : "%s ended with status %d".formatted(program, process.exitValue());
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private String end(Path output, Map<String, String> env) throws IOException {
        Scrubber scrubber = new Scrubber();
        Secret.of("WORKERPASS", latent.password()).ifPresent(scrubber::add);
        env.forEach((name, value) -> Secret.of(name, value).ifPresent(scrubber::add));
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            long length = file.length();
            byte[] bytes = new byte[(int) Math.min(length, 2L * SHOWN)];
            file.seek(length - bytes.length);
            file.readFully(bytes);
            String text = scrubber.scrub(new String(bytes, StandardCharsets.UTF_8)).strip();
            // It may begin with the end of a secret.
            int most = length > bytes.length ? Math.min(SHOWN, text.length() / 2) : SHOWN;
            return text.length() <= most ? text : "…" + text.substring(text.length() - most);
        }
    }
}
