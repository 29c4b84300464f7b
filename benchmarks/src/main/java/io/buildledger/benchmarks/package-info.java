/** Measures what the cluster costs, beside plain JDBC and beside a job queue without a history. */
@NullMarked
package io.buildledger.benchmarks;

import org.jspecify.annotations.NullMarked;
