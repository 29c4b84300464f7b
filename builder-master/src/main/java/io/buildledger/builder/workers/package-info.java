/** Workers that attach: which are here, and builds on them. */
@NullMarked
package io.buildledger.builder.workers;

import org.jspecify.annotations.NullMarked;
