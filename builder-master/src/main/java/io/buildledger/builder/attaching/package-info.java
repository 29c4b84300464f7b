/** Stock Buildbot workers attach: the master's side of their WebSocket and MessagePack protocol. */
@NullMarked
package io.buildledger.builder.attaching;

import org.jspecify.annotations.NullMarked;
