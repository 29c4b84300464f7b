/** Brings what steps print to the database, by way of the local disk. */
@NullMarked
package io.buildledger.builder.logging;

import org.jspecify.annotations.NullMarked;
