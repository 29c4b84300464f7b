/** Commands that ask a running scheduler master, without starting a context of their own. */
@NullMarked
package io.buildledger.scheduler.commandline;

import org.jspecify.annotations.NullMarked;
