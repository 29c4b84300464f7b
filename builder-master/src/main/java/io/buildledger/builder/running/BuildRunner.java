package io.buildledger.builder.running;

import io.buildledger.builder.logging.LogShipper;
import io.buildledger.builder.triggering.SchedulerAnswers;
import io.buildledger.builder.uploading.Uploads;
import io.buildledger.builder.working.MasterShell;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.configuring.Configuration;
import io.buildledger.domain.rendering.BuildProperties;
import io.buildledger.secrets.Secrets;
import io.buildledger.stepping.CurrentBuild;
import java.nio.file.Path;

/** Runs builds on the workers that they were given. */
public final class BuildRunner {

    private final Workplaces workplaces;
    private final MasterShell masterShell;
    private final LogShipper shipper;
    private volatile Secrets secrets;
    private final Uploads uploads;
    private final SchedulerAnswers answers;
    private final Path files;

    /**
     * @param secrets that steps may name
     * @param answers of the schedulers that steps ask
     * @param files where the master's own files are that steps may read
     */
    public BuildRunner(
            Workplaces workplaces,
            MasterShell masterShell,
            LogShipper shipper,
            Secrets secrets,
            Uploads uploads,
            SchedulerAnswers answers,
            Path files) {
        this.secrets = secrets;
        this.workplaces = workplaces;
        this.masterShell = masterShell;
        this.shipper = shipper;
        this.uploads = uploads;
        this.answers = answers;
        this.files = files;
    }

    Workplaces workplaces() {
        return workplaces;
    }

    MasterShell masterShell() {
        return masterShell;
    }

    LogShipper shipper() {
        return shipper;
    }

    Secrets secrets() {
        return secrets;
    }

    Uploads uploads() {
        return uploads;
    }

    SchedulerAnswers answers() {
        return answers;
    }

    Path files() {
        return files;
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
        return new RunningBuild(build, builder, properties, this, listener);
    }
}
