/** The web address: pages for people and JSON for programs, both of them read-only. */
@NullMarked
package io.buildledger.scheduler.serving;

import org.jspecify.annotations.NullMarked;
