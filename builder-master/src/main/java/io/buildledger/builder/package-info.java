/** The builder master: claims build requests and runs them on its workers. */
@NullMarked
package io.buildledger.builder;

import org.jspecify.annotations.NullMarked;
