/** Names of people's making, as file systems take them. */
@NullMarked
package io.buildledger.naming;

import org.jspecify.annotations.NullMarked;
