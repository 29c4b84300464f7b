/** Going by another configuration while a master runs: as a whole, or not at all. */
@NullMarked
package io.buildledger.reloading;

import org.jspecify.annotations.NullMarked;
