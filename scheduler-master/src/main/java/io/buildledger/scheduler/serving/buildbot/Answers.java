package io.buildledger.scheduler.serving.buildbot;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a method answers with, for the description of the interface. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Answers {

    Kind value();

    /** Whether it is a list, which can be filtered, ordered and cut. */
    boolean many() default false;
}
