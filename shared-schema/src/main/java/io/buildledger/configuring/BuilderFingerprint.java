package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a builder master does about a builder for which another master builds something else. */
public enum BuilderFingerprint {
    /** It says so in its log, and builds what its own file says. */
    @JsonProperty("warn")
    WARN,
    /**
     * It claims for the builder only while its own fingerprint is the one that a master published
     * last.
     */
    @JsonProperty("refuse")
    REFUSE
}
