/** How git is led to other repositories, by masters and on workers alike. */
@NullMarked
package io.buildledger.fetching;

import org.jspecify.annotations.NullMarked;
