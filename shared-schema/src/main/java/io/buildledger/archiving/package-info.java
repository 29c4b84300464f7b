/** Moves events of builds that ended long ago from the database to files. */
@NullMarked
package io.buildledger.archiving;

import org.jspecify.annotations.NullMarked;
