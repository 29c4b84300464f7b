/**
 * Fault runs: a cluster of real processes drains a queue while a plan, made from a seed, is carried
 * out against it; at the end the log is judged.
 */
@NullMarked
package io.buildledger.chaos;

import org.jspecify.annotations.NullMarked;
