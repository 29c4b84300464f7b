/** Web hooks: what forges and people send becomes changes. */
@NullMarked
package io.buildledger.scheduler.changing.hooking;

import org.jspecify.annotations.NullMarked;
