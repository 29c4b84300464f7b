package io.buildledger.artifacts;

import java.io.IOException;

/** Takes artifacts of one master's builds. */
public sealed interface ArtifactStore permits DiskArtifacts, DatabaseArtifacts {

    String DISK = "disk";
    String DATABASE = "database";

    /**
     * Begins to take files of a build, on one thread.
     *
     * @throws IOException if the store does not work
     */
    Incoming receive(String builder, long build) throws IOException;

    /**
     * Removes what masters whose life is over have begun and not finished. For the start of a
     * master, before it receives anything.
     */
    void removeLeftovers() throws IOException;
}
