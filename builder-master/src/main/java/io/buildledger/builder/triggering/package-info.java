/** What becomes of the builds that other builds ask for. */
@NullMarked
package io.buildledger.builder.triggering;

import org.jspecify.annotations.NullMarked;
