/** Which requests are not worth a build any more, as pure decisions. */
@NullMarked
package io.buildledger.domain.cancelling;

import org.jspecify.annotations.NullMarked;
