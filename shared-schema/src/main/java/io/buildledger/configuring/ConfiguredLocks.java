package io.buildledger.configuring;

import io.buildledger.domain.locking.LockDemand;
import io.buildledger.stepping.LockAccess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What is asked of locks, with how much there is of each by one configuration. */
public final class ConfiguredLocks {

    private final Map<String, Configuration.Lock> byName = new HashMap<>();

    public ConfiguredLocks(Configuration configuration) {
        configuration.locks().forEach(lock -> byName.put(lock.name(), lock));
    }

    /** The locks that a builder's builds hold, with that for the number of its builds. */
    public List<LockDemand> of(Configuration.Builder builder) {
        List<LockDemand> demands = new ArrayList<>(of(builder.locks()));
        if (builder.maxBuilds() != null) {
            demands.add(LockDemand.maxBuilds(builder.name(), builder.maxBuilds()));
        }
        return demands;
    }

    /**
     * @param accesses to locks of the configuration
     */
    public List<LockDemand> of(List<LockAccess> accesses) {
        return accesses.stream().map(this::of).toList();
    }

    private LockDemand of(LockAccess access) {
        Configuration.Lock lock = byName.get(access.name());
        if (lock == null) {
            throw new IllegalStateException("the configuration has no lock " + access.name());
        }
        return new LockDemand(
                lock.name(),
                lock.scope() == Configuration.Lock.Scope.WORKER,
                access.mode().toDomain(),
                access.count(),
                lock.maxCount(),
                lock.maxCountForWorker());
    }
}
