/** Change sources: what comes in by HTTP and by polling becomes events. */
@NullMarked
package io.buildledger.scheduler.changing;

import org.jspecify.annotations.NullMarked;
