package io.buildledger.steps;

import io.buildledger.artifacts.ArtifactPath;
import io.buildledger.artifacts.UnfitArtifactException;
import io.buildledger.domain.rendering.Interpolation;
import io.buildledger.stepping.BuilderPath;
import io.buildledger.stepping.StepProblems;
import org.jspecify.annotations.Nullable;

/** Checks that several types of steps have. */
final class RequiredKeys {

    private final String type;
    private final StepProblems problems;

    RequiredKeys(String type, StepProblems problems) {
        this.type = type;
        this.problems = problems;
    }

    /** A text that may not be missing or empty. */
    RequiredKeys text(String key, @Nullable String value) {
        if (value == null) {
            problems.missing(key, "a %s step lacks its %s: add %s: ...".formatted(type, key, key));
        } else if (value.isBlank()) {
            problems.problem(key, "%s is empty: name what is meant".formatted(key));
        }
        return this;
    }

    /** A path on the worker, relative to the builder's directory. */
    RequiredKeys ofBuilder(String key, @Nullable String value) {
        return within("the builder's directory", key, value);
    }

    private RequiredKeys within(String directory, String key, @Nullable String value) {
        text(key, value);
        if (value != null && !Interpolation.mayBeIn(value) && BuilderPath.leadsOut(value)) {
            problems.problem(
                    key,
                    "%s: '%s' is outside %s: write a path that is relative to it"
                            .formatted(key, value, directory));
        }
        return this;
    }

    /** A path on the worker, relative to {@code workdir}, which this does not know. */
    RequiredKeys ofWorkdir(String key, @Nullable String value) {
        text(key, value);
        if (value != null) {
            relativeToWorkdir(key, key, value);
        }
        return this;
    }

    /**
     * @param place of the value, within the key if that has several
     */
    void relativeToWorkdir(String key, String place, String value) {
        if (!Interpolation.mayBeIn(value) && BuilderPath.isAbsolute(value)) {
            problems.problem(
                    place,
                    "%s: '%s' is absolute: write a path that is relative to workdir"
                            .formatted(key, value));
        }
    }

    /** A file of the master's, relative to the directory of its configuration file. */
    RequiredKeys ofMaster(String key, @Nullable String value) {
        return within("the directory of the configuration file", key, value);
    }

    /** Where one artifact is to be. */
    RequiredKeys artifact(String key, @Nullable String value) {
        text(key, value);
        if (value != null && !value.isBlank()) {
            artifactPath(key, value);
        }
        return this;
    }

    /** Below what artifacts are to be. */
    RequiredKeys artifactDirectory(String key, @Nullable String value) {
        text(key, value);
        if (value != null && !value.isBlank()) {
            artifactPath(key, value + "/x");
        }
        return this;
    }

    private void artifactPath(String key, String value) {
        if (Interpolation.mayBeIn(value)) {
            return;
        }
        try {
            ArtifactPath.of(value);
        } catch (UnfitArtifactException e) {
            problems.problem(
                    key,
                    "%s: %s: write a path relative to the build's artifacts"
                            .formatted(key, e.why()));
        }
    }

    RequiredKeys maxsize(@Nullable Long value) {
        if (value != null && value < 0) {
            problems.problem("maxsize", "maxsize: %d is no number of bytes".formatted(value));
        }
        return this;
    }

    RequiredKeys mode(@Nullable String value) {
        if (value != null && !Interpolation.mayBeIn(value) && !FileMode.isOne(value)) {
            problems.problem("mode", FileMode.problem(value));
        }
        return this;
    }
}
