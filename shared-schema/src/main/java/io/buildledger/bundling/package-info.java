/** Slices of a log that are taken elsewhere, to be looked at there. */
@NullMarked
package io.buildledger.bundling;

import org.jspecify.annotations.NullMarked;
