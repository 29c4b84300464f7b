package io.buildledger.scheduler.explaining;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.reloading.Reloadable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Which workers build for a builder, by this master's file. Other masters don't tell that of
 * theirs, which may say otherwise.
 */
public final class WorkersOfBuilders implements Reloadable {

    private volatile Map<String, List<String>> names;

    public WorkersOfBuilders(ConfigurationFile file) {
        names = names(file);
    }

    private static Map<String, List<String>> names(ConfigurationFile file) {
        return file.configuration().builders().stream()
                .collect(
                        Collectors.toMap(
                                Configuration.Builder::name, Configuration.Builder::workerNames));
    }

    @Override
    public Runnable prepare(ConfigurationFile next) {
        Map<String, List<String>> prepared = names(next);
        return () -> names = prepared;
    }

    /** As the file has them; empty if it does not have the builder. */
    List<String> of(String builder) {
        return names.getOrDefault(builder, List.of());
    }
}
