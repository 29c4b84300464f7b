/** How values look to people, on pages and on terminals. */
@NullMarked
package io.buildledger.showing;

import org.jspecify.annotations.NullMarked;
