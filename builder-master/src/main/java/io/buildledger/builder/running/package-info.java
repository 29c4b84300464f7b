/** Runs one claimed build on a local worker: its directories, its processes, its steps. */
@NullMarked
package io.buildledger.builder.running;

import org.jspecify.annotations.NullMarked;
