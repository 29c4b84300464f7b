package io.buildledger.log;

import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/**
 * One step of the way from what an older program wrote to what this one writes. It is written when
 * the revision that it begins at is given up, and not touched when there are later ones: those have
 * steps of their own, from where this one ends.
 *
 * @param from what it makes another of
 * @param to what it makes of it
 * @param change what makes the JSON of the one into that of the other, in place
 */
record Upcaster(Written from, Written to, Consumer<ObjectNode> change) {}
