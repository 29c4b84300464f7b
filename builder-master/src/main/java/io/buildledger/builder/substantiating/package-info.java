/** Latent workers: started when there is something for them to build, and stopped when not. */
@NullMarked
package io.buildledger.builder.substantiating;

import org.jspecify.annotations.NullMarked;
