/** From a request on offer to a build that runs, and from its end to the log. */
@NullMarked
package io.buildledger.builder.claiming;

import org.jspecify.annotations.NullMarked;
