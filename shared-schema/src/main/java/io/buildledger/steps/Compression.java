package io.buildledger.steps;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How a directory is compressed on its way from the worker. */
public enum Compression {
    @JsonProperty("gz")
    GZ
}
