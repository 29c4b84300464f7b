package io.buildledger.log;

/** In place of an event whose payload or metadata is not what its name promises. */
public record Unreadable(String reason) {}
