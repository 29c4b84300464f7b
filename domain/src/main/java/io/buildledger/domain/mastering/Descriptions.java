package io.buildledger.domain.mastering;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What people are told of the builders of a master.
 *
 * @param builders by name; those of which there is nothing to tell are left out
 * @param projects by name; those that have a builder here
 */
public record Descriptions(
        Map<String, BuilderDescription> builders, Map<String, ProjectDescription> projects) {

    public static final Descriptions NONE = new Descriptions(Map.of(), Map.of());

    public Descriptions {
        builders = Collections.unmodifiableMap(new TreeMap<>(builders));
        projects = Collections.unmodifiableMap(new TreeMap<>(projects));
    }

    public BuilderDescription of(String builder) {
        return builders.getOrDefault(builder, BuilderDescription.NONE);
    }
}
