/** Other people's repositories, as git shows them. */
@NullMarked
package io.buildledger.scheduler.fetching;

import org.jspecify.annotations.NullMarked;
