/** Builds: their steps and what the steps' results make of the build. */
@NullMarked
package io.buildledger.domain.building;

import org.jspecify.annotations.NullMarked;
