/** Makes what stands beside the log anew, from the log alone. */
@NullMarked
package io.buildledger.replaying;

import org.jspecify.annotations.NullMarked;
