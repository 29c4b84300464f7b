/**
 * The store of artifacts, which are the files that builds leave behind: on a disk or in the
 * database. Which there are is in the log and its views.
 */
@NullMarked
package io.buildledger.artifacts;

import org.jspecify.annotations.NullMarked;
