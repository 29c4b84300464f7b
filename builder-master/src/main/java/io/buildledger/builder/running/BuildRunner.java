package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.configuring.Configuration;
import io.buildledger.stepping.CurrentBuild;

/** Runs builds on the workers that they were given. */
public final class BuildRunner {

    private final Workplaces workplaces;
    private final LogShipper shipper;

    public BuildRunner(Workplaces workplaces, LogShipper shipper) {
        this.workplaces = workplaces;
        this.shipper = shipper;
    }

    /** A build that has not begun; nothing is done before its {@link RunningBuild#run}. */
    public RunningBuild prepare(
            CurrentBuild build, Configuration.Builder builder, StepListener listener) {
        return new RunningBuild(build, builder, workplaces, shipper, listener);
    }
}
