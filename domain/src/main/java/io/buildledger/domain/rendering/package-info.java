/** What a build knows by name, how that gets into the texts of its steps, and which steps run. */
@NullMarked
package io.buildledger.domain.rendering;

import org.jspecify.annotations.NullMarked;
