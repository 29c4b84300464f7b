/** The scheduler master: change sources, schedulers, web pages and the command line. */
@NullMarked
package io.buildledger.scheduler;

import org.jspecify.annotations.NullMarked;
