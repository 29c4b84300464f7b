package io.buildledger.steps;

import io.buildledger.stepping.ArtifactUpload.Kept;
import io.buildledger.stepping.StepEnd;
import org.jspecify.annotations.Nullable;

/** What an upload comes to. */
final class Uploaded {

    private Uploaded() {}

    static StepEnd end(String what, Kept kept, @Nullable String url) {
        return StepEnd.succeeded(
                "uploaded %s, %s, %,d bytes%s"
                        .formatted(
                                what,
                                kept.files() == 1 ? "1 file" : "%,d files".formatted(kept.files()),
                                kept.bytes(),
                                url == null ? "" : ": " + url));
    }
}
