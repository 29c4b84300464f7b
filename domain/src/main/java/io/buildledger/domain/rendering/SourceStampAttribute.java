package io.buildledger.domain.rendering;

import io.buildledger.domain.changing.SourceStamp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@code %(src:CODEBASE:…)s} can ask of a source stamp. Buildbot's words. */
enum SourceStampAttribute {
    BRANCH,
    REVISION,
    REPOSITORY,
    PROJECT,
    CODEBASE,
    PATCH_LEVEL,
    PATCH_BODY,
    PATCH_SUBDIR,
    PATCH_AUTHOR,
    PATCH_COMMENT;

    static Optional<SourceStampAttribute> named(String word) {
        return Arrays.stream(values()).filter(it -> it.word().equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(SourceStampAttribute::word).toList();
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    Optional<Object> of(SourceStamp stamp) {
        return Optional.ofNullable(valueOf(stamp));
    }

    private @Nullable Object valueOf(SourceStamp stamp) {
        SourceStamp.Patch patch = stamp.patch();
        return switch (this) {
            case BRANCH -> stamp.branch();
            case REVISION -> stamp.revision();
            case REPOSITORY -> stamp.repository();
            case PROJECT -> stamp.project();
            case CODEBASE -> stamp.codebase();
            case PATCH_LEVEL -> patch == null ? null : patch.level();
            case PATCH_BODY -> patch == null ? null : patch.body();
            case PATCH_SUBDIR -> patch == null ? null : patch.subdir();
            case PATCH_AUTHOR -> patch == null ? null : patch.author();
            case PATCH_COMMENT -> patch == null ? null : patch.comment();
        };
    }
}
