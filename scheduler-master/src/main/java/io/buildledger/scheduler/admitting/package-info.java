/** Who is there, how they show it, and what they may. */
@NullMarked
package io.buildledger.scheduler.admitting;

import org.jspecify.annotations.NullMarked;
