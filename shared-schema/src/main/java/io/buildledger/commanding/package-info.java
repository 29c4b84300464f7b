/** What people, programs and builds ask of schedulers, and what comes of it. */
@NullMarked
package io.buildledger.commanding;

import org.jspecify.annotations.NullMarked;
