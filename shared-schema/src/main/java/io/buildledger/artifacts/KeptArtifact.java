package io.buildledger.artifacts;

/**
 * A file that a store has from now on.
 *
 * @param size in bytes
 * @param sha256 of the bytes, in hexadecimal digits
 * @param store {@link ArtifactStore#DISK} or {@link ArtifactStore#DATABASE}
 * @param location where the store has it
 */
public record KeptArtifact(
        ArtifactPath path, long size, String sha256, String store, String location) {}
