/** Who did what to a build request, told from the events alone. */
@NullMarked
package io.buildledger.auditing;

import org.jspecify.annotations.NullMarked;
