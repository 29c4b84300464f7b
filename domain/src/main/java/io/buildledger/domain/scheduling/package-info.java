/** Schedulers as pure decisions: from changes and timers to buildsets. */
@NullMarked
package io.buildledger.domain.scheduling;

import org.jspecify.annotations.NullMarked;
