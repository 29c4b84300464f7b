package io.buildledger.builder.uploading;

import io.buildledger.artifacts.ArtifactStore;
import io.buildledger.artifacts.KeptArtifact;
import io.buildledger.builder.working.Interruption;
import io.buildledger.secrets.Scrubber;
import io.buildledger.stepping.Artifacts;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** What builds of this master upload, on its way to the store. */
public final class Uploads {

    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);

    private final ArtifactStore store;
    private final Path spool;

    /**
     * @param spool a directory of this master's own, for archives that arrive
     */
    public Uploads(ArtifactStore store, Path spool) {
        this.store = store;
        this.spool = spool;
    }

    /**
     * Removes what a former life of this master has left. What can't be removed is told, and takes
     * room until the next start.
     */
    public void removeLeftovers() {
        try {
            boolean _ = FileSystemUtils.deleteRecursively(spool);
            store.removeLeftovers();
        } catch (IOException e) {
            LOG.warn("uploads that a former life has left can't be removed: {}", e.toString());
        }
    }

    /**
     * The artifacts of a build, as one of its steps sees them.
     *
     * @param scrubber knows the secrets that no path may have
     * @param onKept is told of each that is kept, in order
     * @param notes takes lines for the step's log
     */
    public Artifacts during(
            CurrentBuild build,
            Worker worker,
            Interruption interruption,
            Scrubber scrubber,
            Consumer<KeptArtifact> onKept,
            Consumer<String> notes) {
        return () ->
                new UploadOfStep(
                        store.receive(build.builder(), build.number()),
                        spool,
                        worker,
                        interruption,
                        scrubber,
                        onKept,
                        notes);
    }
}
