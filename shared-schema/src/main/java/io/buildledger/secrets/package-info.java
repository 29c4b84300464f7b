/** Secrets of steps: where they come from, and how they are kept out of what steps print. */
@NullMarked
package io.buildledger.secrets;

import org.jspecify.annotations.NullMarked;
