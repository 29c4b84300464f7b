package io.buildledger.stepping;

import java.io.IOException;

/** The files that a build leaves behind, for whoever asks for them later: its artifacts. */
public interface Artifacts {

    /**
     * Begins to bring files from the worker.
     *
     * @throws IOException if the store does not work
     */
    ArtifactUpload upload() throws IOException;
}
