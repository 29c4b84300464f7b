/** What people have to know and nobody asks for: it is in the scheduler master's own log. */
@NullMarked
package io.buildledger.scheduler.warning;

import org.jspecify.annotations.NullMarked;
