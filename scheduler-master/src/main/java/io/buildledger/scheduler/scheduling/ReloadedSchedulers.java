package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.reloading.Reloadable;
import java.util.List;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Lets the schedulers of another file run. A scheduler that the file has no more is run by this
 * master no more; what it knows stays in the log, so that it goes on there if it comes back.
 */
@Component
@Order(ReloadedSchedulers.FIRST)
final class ReloadedSchedulers implements Reloadable {

    /** Before what takes changes in, so that a new scheduler sees what a new source finds. */
    static final int FIRST = 0;

    private final ConfiguredSchedulers configured;
    private final Schedulers schedulers;

    ReloadedSchedulers(ConfiguredSchedulers configured, Schedulers schedulers) {
        this.configured = configured;
        this.schedulers = schedulers;
    }

    @Override
    public Runnable prepare(ConfigurationFile next) {
        List<BoundScheduler> wanted = next.schedulers();
        return () -> {
            configured.replace(wanted);
            schedulers.use(wanted);
        };
    }

    /** Of a scheduler with timers and no changes the reload may be the last event for a day. */
    @Override
    public void hold(Runnable reload) {
        schedulers.betweenBatches(reload);
    }
}
