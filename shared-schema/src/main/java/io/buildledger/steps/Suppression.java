package io.buildledger.steps;

import org.jspecify.annotations.Nullable;

/**
 * Warnings that do not count: those that all keys fit that are given.
 *
 * @param fileRe a regular expression (RE2) that the file's path matches from its beginning; any
 *     file fits where the warning does not tell
 * @param warnRe a regular expression that is found in the warning's text
 * @param start the first line of the file
 * @param end the last line of the file
 */
public record Suppression(
        @Nullable String fileRe,
        @Nullable String warnRe,
        @Nullable Integer start,
        @Nullable Integer end) {}
