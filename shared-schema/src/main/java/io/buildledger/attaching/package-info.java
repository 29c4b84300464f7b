/** Which master has which worker, across the cluster. */
@NullMarked
package io.buildledger.attaching;

import org.jspecify.annotations.NullMarked;
