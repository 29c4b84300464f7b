package io.buildledger.scheduler.serving;

import java.time.Duration;

/** How long who asks something of a scheduler is kept waiting for what comes of it. */
record CommandPatience(Duration atMost) {}
