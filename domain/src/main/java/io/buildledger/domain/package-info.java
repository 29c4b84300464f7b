/** What can happen and what follows from it, without a framework, a clock or a database. */
@NullMarked
package io.buildledger.domain;

import org.jspecify.annotations.NullMarked;
