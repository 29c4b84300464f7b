/**
 * Reads and calls as Buildbot's REST interface has them, for programs that were written for it: its
 * paths, names, numbers and shapes under {@code /api/v2}, over this project's views and log. And
 * the description of all that the web address has for programs.
 */
@NullMarked
package io.buildledger.scheduler.serving.buildbot;

import org.jspecify.annotations.NullMarked;
