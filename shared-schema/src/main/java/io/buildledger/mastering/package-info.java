/** Who is alive: masters, their epochs and leases, and the declaration of the lost. */
@NullMarked
package io.buildledger.mastering;

import org.jspecify.annotations.NullMarked;
