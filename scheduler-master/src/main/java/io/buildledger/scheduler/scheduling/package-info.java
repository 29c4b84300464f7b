/** Schedulers at work: the log in, buildsets out. */
@NullMarked
package io.buildledger.scheduler.scheduling;

import org.jspecify.annotations.NullMarked;
