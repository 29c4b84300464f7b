/** Workers: which master each is attached to. */
@NullMarked
package io.buildledger.domain.attaching;

import org.jspecify.annotations.NullMarked;
