/** Who had things done, whatever they are about. */
@NullMarked
package io.buildledger.domain.acting;

import org.jspecify.annotations.NullMarked;
