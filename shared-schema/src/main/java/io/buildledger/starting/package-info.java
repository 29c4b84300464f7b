/**
 * Starting a master: from a file and a name to a running process, or to a message that says what to
 * mend.
 */
@NullMarked
package io.buildledger.starting;

import org.jspecify.annotations.NullMarked;
