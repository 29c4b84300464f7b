/** Cancellers at work: the log in, requests that are not worth a build any more out. */
@NullMarked
package io.buildledger.scheduler.cancelling;

import org.jspecify.annotations.NullMarked;
