package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.working.MasterShell;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.configuring.Configuration;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.secrets.Secrets;
import io.buildledger.stepping.CurrentBuild;

/** Runs builds on the workers that they were given. */
public final class BuildRunner {

    private final Workplaces workplaces;
    private final MasterShell masterShell;
    private final LogShipper shipper;
    private volatile Secrets secrets;

    /**
     * @param secrets that steps may name
     */
    public BuildRunner(
            Workplaces workplaces, MasterShell masterShell, LogShipper shipper, Secrets secrets) {
        this.secrets = secrets;
        this.workplaces = workplaces;
        this.masterShell = masterShell;
        this.shipper = shipper;
    }

    /** Builds that are prepared from now on find their secrets there. */
    public void use(Secrets next) {
        secrets = next;
    }

    /**
     * A build that has not begun; nothing is done before its {@link RunningBuild#run}.
     *
     * @param properties that the first step finds, but for the directories on the worker
     */
    public RunningBuild prepare(
            CurrentBuild build,
            Configuration.Builder builder,
            BuildProperties properties,
            StepListener listener) {
        return new RunningBuild(
                build, builder, properties, workplaces, masterShell, shipper, secrets, listener);
    }
}
