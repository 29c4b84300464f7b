/**
 * What a type of step is made of: whoever adds one implements {@link io.buildledger.stepping.Step}
 * and names it in {@code META-INF/spring.factories}.
 */
@NullMarked
package io.buildledger.stepping;

import org.jspecify.annotations.NullMarked;
