/**
 * What starts latent workers and stops them: whoever adds another way implements {@link
 * io.buildledger.substantiating.LatentWorker} and names it in {@code META-INF/spring.factories}.
 */
@NullMarked
package io.buildledger.substantiating;

import org.jspecify.annotations.NullMarked;
