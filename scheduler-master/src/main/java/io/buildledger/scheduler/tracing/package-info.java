/** Telling a collector of OpenTelemetry what became of changes, after the fact, from the log. */
@NullMarked
package io.buildledger.scheduler.tracing;

import org.jspecify.annotations.NullMarked;
