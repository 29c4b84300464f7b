package io.buildledger.stepping;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The name of a type of step, and what a file need not say of it. The class is found by the line
 * {@code io.buildledger.stepping.Step=CLASS} in {@code META-INF/spring.factories} of its jar.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface StepType {

    /** The key under which such a step stands in a builder's factory. */
    String value();

    /** Whether {@code halt_on_failure} is true where the file does not say. */
    boolean haltOnFailure() default false;

    /** Whether {@code warn_on_failure} is true where the file does not say. */
    boolean warnOnFailure() default false;

    /**
     * Whether such a step uses {@link StepRun#onMaster}. A file that has one is refused unless it
     * says {@code allow_master_shell: true}.
     */
    boolean onMaster() default false;
}
