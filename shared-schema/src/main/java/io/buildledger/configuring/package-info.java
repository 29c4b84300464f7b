/** The one YAML file that all masters read. */
@NullMarked
package io.buildledger.configuring;

import org.jspecify.annotations.NullMarked;
