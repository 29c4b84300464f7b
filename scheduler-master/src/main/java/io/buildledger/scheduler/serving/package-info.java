/** The web address: pages for people, JSON for programs, and commands of both. */
@NullMarked
package io.buildledger.scheduler.serving;

import org.jspecify.annotations.NullMarked;
