/** Brings files from workers into the store of artifacts. */
@NullMarked
package io.buildledger.builder.uploading;

import org.jspecify.annotations.NullMarked;
