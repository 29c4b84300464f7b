/** Why something has come of a change or a request, or has not, in words. */
@NullMarked
package io.buildledger.scheduler.explaining;

import org.jspecify.annotations.NullMarked;
