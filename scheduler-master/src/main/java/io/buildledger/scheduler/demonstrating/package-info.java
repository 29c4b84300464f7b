/** The demo: a whole cluster on one machine, with its own database, that tells what it does. */
@NullMarked
package io.buildledger.scheduler.demonstrating;

import org.jspecify.annotations.NullMarked;
