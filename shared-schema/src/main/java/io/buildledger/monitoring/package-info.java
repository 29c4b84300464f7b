/** Telling those who watch a cluster how it does: metrics, and whether a master is well. */
@NullMarked
package io.buildledger.monitoring;

import org.jspecify.annotations.NullMarked;
