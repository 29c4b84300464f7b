/** Locks of the cluster in the database: their lines, and what is written when these move. */
@NullMarked
package io.buildledger.locking;

import org.jspecify.annotations.NullMarked;
