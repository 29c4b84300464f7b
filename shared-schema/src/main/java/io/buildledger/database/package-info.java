/** Connecting to the database, migrating its schema, and the embedded one. */
@NullMarked
package io.buildledger.database;

import org.jspecify.annotations.NullMarked;
