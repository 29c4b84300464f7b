package io.buildledger.scheduler.scheduling;

import io.buildledger.configuring.BoundScheduler;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.domain.scheduling.Scheduler;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The schedulers of the file in force, whether this master runs them or stands by. */
@Component
public final class ConfiguredSchedulers {

    private volatile List<BoundScheduler> all;

    @Autowired
    ConfiguredSchedulers(ConfigurationFile file) {
        this(file.schedulers());
    }

    /** Those that are given. */
    public ConfiguredSchedulers(Collection<BoundScheduler> schedulers) {
        all = List.copyOf(schedulers);
    }

    /** These are in the file from now on. */
    void replace(List<BoundScheduler> schedulers) {
        all = List.copyOf(schedulers);
    }

    List<BoundScheduler> bound() {
        return all;
    }

    public List<Scheduler> all() {
        return all.stream().map(BoundScheduler::scheduler).toList();
    }

    public Optional<Scheduler> find(String name) {
        return all().stream().filter(it -> it.name().equals(name)).findFirst();
    }
}
