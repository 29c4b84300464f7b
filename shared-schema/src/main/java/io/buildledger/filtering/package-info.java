/** How a file says which values pass: schedulers, services and conditions of steps say it alike. */
@NullMarked
package io.buildledger.filtering;

import org.jspecify.annotations.NullMarked;
