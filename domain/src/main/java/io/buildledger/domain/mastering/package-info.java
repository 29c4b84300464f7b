/** Masters: started, stopped, lost. */
@NullMarked
package io.buildledger.domain.mastering;

import org.jspecify.annotations.NullMarked;
