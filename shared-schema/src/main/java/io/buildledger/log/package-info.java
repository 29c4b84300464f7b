/** The event log: its names and JSON on disk, appending, reading and following. */
@NullMarked
package io.buildledger.log;

import org.jspecify.annotations.NullMarked;
