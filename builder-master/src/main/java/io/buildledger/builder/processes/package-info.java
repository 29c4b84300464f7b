/** Local workers: builds as processes of the builder master itself. */
@NullMarked
package io.buildledger.builder.processes;

import org.jspecify.annotations.NullMarked;
