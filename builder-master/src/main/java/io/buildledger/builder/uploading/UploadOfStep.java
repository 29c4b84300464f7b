package io.buildledger.builder.uploading;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.Incoming;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.artifacts.UnfitArtifactException;
import io.buildledger.builder.working.Interruption;
import io.buildledger.secrets.Scrubber;
import io.buildledger.stepping.ArtifactUpload;
import io.buildledger.stepping.StepAbortedException;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Files that one step brings from its worker. */
final class UploadOfStep implements ArtifactUpload {

    private final Incoming incoming;
    private final Path spool;
    private final Worker worker;
    private final Interruption interruption;
    private final Scrubber scrubber;
    private final Consumer<KeptArtifact> onKept;
    private final Consumer<String> notes;

    UploadOfStep(
            Incoming incoming,
            Path spool,
            Worker worker,
            Interruption interruption,
            Scrubber scrubber,
            Consumer<KeptArtifact> onKept,
            Consumer<String> notes) {
        this.incoming = incoming;
        this.spool = spool;
        this.worker = worker;
        this.interruption = interruption;
        this.scrubber = scrubber;
        this.onKept = onKept;
        this.notes = notes;
    }

    @Override
    public void file(String path, String artifact, @Nullable Long maxSize)
            throws IOException, StepAbortedException {
        try (OutputStream to = incoming.write(ArtifactPath.of(artifact))) {
            long _ = worker.upload(path, to, maxSize);
        } catch (UnfitArtifactException e) {
            throw StepAbortedException.failed(e.why());
        }
    }

    @Override
    public void directory(String path, String directory, @Nullable Long maxSize, boolean compress)
            throws IOException, StepAbortedException {
        Files.createDirectories(spool);
        // Whole before it is looked at: the worker writes and the reader reads, each at its pace.
        Path tar = Files.createTempFile(spool, "directory", ".tar");
        try {
            try (OutputStream to = Files.newOutputStream(tar)) {
                worker.uploadDirectory(path, to, maxSize, compress);
            }
            new DirectoryTar(directory, maxSize, incoming, interruption, notes)
                    .unpack(tar, compress);
        } catch (UnfitArtifactException e) {
            throw StepAbortedException.failed(e.why());
        } finally {
            Files.deleteIfExists(tar);
        }
    }

    @Override
    public Kept keep() throws IOException, StepAbortedException {
        List<KeptArtifact> kept;
        try {
            requireNoSecrets();
            kept = incoming.keep();
        } catch (UnfitArtifactException e) {
            throw StepAbortedException.failed(e.why());
        }
        kept.forEach(onKept);
        return new Kept(kept.size(), kept.stream().mapToLong(KeptArtifact::size).sum());
    }

    /** Paths are in the log of events, where nothing is ever taken out. */
    private void requireNoSecrets() throws UnfitArtifactException {
        for (ArtifactPath path : incoming.paths()) {
            String shown = scrubber.scrub(path.text());
            if (!shown.equals(path.text())) {
                throw new UnfitArtifactException(
                        "'%s' can't be the path of an artifact: a secret is in it"
                                .formatted(shown));
            }
        }
    }

    @Override
    public void close() throws IOException {
        incoming.close();
    }
}
