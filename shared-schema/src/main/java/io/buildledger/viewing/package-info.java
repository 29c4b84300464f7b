/** What pages and tables show, projected from the log. */
@NullMarked
package io.buildledger.viewing;

import org.jspecify.annotations.NullMarked;
