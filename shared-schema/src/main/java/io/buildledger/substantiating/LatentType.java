package io.buildledger.substantiating;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of a way to start and stop workers. The class is found by the line {@code
 * io.buildledger.substantiating.LatentWorker=CLASS} in {@code META-INF/spring.factories} of its
 * jar.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface LatentType {

    /** The key under which it stands below {@code latent}. */
    String value();
}
