/** Changes, how they get in, and the filters that schedulers put on them. */
@NullMarked
package io.buildledger.domain.changing;

import org.jspecify.annotations.NullMarked;
