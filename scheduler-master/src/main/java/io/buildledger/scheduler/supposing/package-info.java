/**
 * What a configuration would have made of changes and of time that the log has recorded: decided
 * anew by its own schedulers, built by supposed workers.
 */
@NullMarked
package io.buildledger.scheduler.supposing;

import org.jspecify.annotations.NullMarked;
