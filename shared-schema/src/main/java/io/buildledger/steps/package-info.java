/** The types of steps that come with Buildledger. */
@NullMarked
package io.buildledger.steps;

import org.jspecify.annotations.NullMarked;
