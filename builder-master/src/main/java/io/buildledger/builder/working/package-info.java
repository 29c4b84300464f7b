/** The places where builds run, whatever kind of worker has them. */
@NullMarked
package io.buildledger.builder.working;

import org.jspecify.annotations.NullMarked;
