package io.buildledger.configuring;

import org.jspecify.annotations.Nullable;

/**
 * What several builders have in common, for people to find them by.
 *
 * @param description in one line or more; at most 1,000 characters
 * @param url where there is more about it; begins with {@code http://} or {@code https://}
 */
public record Project(String name, @Nullable String description, @Nullable String url) {}
