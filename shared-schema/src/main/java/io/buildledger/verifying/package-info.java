/** Proves from the events alone that a cluster has kept its promises, and its tables to them. */
@NullMarked
package io.buildledger.verifying;

import org.jspecify.annotations.NullMarked;
