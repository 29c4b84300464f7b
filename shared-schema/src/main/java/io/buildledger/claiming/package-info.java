/** The queue of unclaimed build requests, claims on them, and their release. */
@NullMarked
package io.buildledger.claiming;

import org.jspecify.annotations.NullMarked;
