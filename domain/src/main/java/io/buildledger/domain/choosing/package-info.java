/** Which of a builder's requests is built first, and on which of its workers. */
@NullMarked
package io.buildledger.domain.choosing;

import org.jspecify.annotations.NullMarked;
