package io.buildledger.domain.mastering;

import org.jspecify.annotations.Nullable;

/** What people are told of a project, which is a name that builders have in common. */
public record ProjectDescription(@Nullable String description, @Nullable String url) {

    public static final ProjectDescription NONE = new ProjectDescription(null, null);
}
