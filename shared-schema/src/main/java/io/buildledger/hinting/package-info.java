/** Masters tell each other that there is something to look for. */
@NullMarked
package io.buildledger.hinting;

import org.jspecify.annotations.NullMarked;
