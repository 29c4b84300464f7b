package io.buildledger.scheduler.serving;

import io.buildledger.viewing.Views;

/** Finds artifacts by their paths. */
final class StoredArtifacts {

    private StoredArtifacts() {}

    /**
     * @throws NotThereException if the build has not left any file at the path
     */
    static Views.Artifact require(Views views, Views.Build build, String path) {
        return views.artifact(build.builder(), build.buildNumber(), path)
                .orElseThrow(() ->
                        new NotThereException(
                                "build %s/%d has no artifact %s"
                                        .formatted(build.builder(), build.buildNumber(), path)));
    }
}
