/** Locks of the cluster: who holds them, and who is next. */
@NullMarked
package io.buildledger.domain.locking;

import org.jspecify.annotations.NullMarked;
