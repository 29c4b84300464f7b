/** What a process counts of its own work. */
@NullMarked
package io.buildledger.metering;

import org.jspecify.annotations.NullMarked;
