/** Buildsets and build requests: requested, claimed, started, released, completed. */
@NullMarked
package io.buildledger.domain.requesting;

import org.jspecify.annotations.NullMarked;
