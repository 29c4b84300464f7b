/** Makes the log tamper-evident: events are sealed in a chain of hashes, which is checked later. */
@NullMarked
package io.buildledger.sealing;

import org.jspecify.annotations.NullMarked;
