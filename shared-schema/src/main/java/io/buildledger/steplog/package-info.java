/** The text that steps print: chunked, compressed, outside the event log. */
@NullMarked
package io.buildledger.steplog;

import org.jspecify.annotations.NullMarked;
