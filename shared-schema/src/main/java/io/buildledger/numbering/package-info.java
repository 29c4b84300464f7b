/** The small numbers that people use for changes, requests and builds. */
@NullMarked
package io.buildledger.numbering;

import org.jspecify.annotations.NullMarked;
