package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.configuring.Configuration;
import io.buildledger.domain.requesting.Property;
import io.buildledger.stepping.CurrentBuild;
import java.util.Map;

/** Runs builds on the workers that they were given. */
public final class BuildRunner {

    private final Workplaces workplaces;
    private final LogShipper shipper;

    public BuildRunner(Workplaces workplaces, LogShipper shipper) {
        this.workplaces = workplaces;
        this.shipper = shipper;
    }

    /**
     * A build that has not begun; nothing is done before its {@link RunningBuild#run}.
     *
     * @param properties those that were asked for with the build
     */
    public RunningBuild prepare(
            CurrentBuild build,
            Configuration.Builder builder,
            Map<String, Property> properties,
            StepListener listener) {
        return new RunningBuild(build, builder, properties, workplaces, shipper, listener);
    }
}
