package io.buildledger.verifying;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.mastering.Life;
import io.buildledger.domain.mastering.Life.Over;
import io.buildledger.domain.mastering.MasterEvent;
import io.buildledger.domain.mastering.MasterEvent.BuildersDescribed;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRefused;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloadRequested;
import io.buildledger.domain.mastering.MasterEvent.ConfigurationReloaded;
import io.buildledger.domain.mastering.MasterEvent.MasterDrained;
import io.buildledger.domain.mastering.MasterEvent.MasterLost;
import io.buildledger.domain.mastering.MasterEvent.MasterStarted;
import io.buildledger.domain.mastering.MasterEvent.MasterStopped;
import io.buildledger.domain.mastering.MasterEvent.MasterUndrained;
import io.buildledger.log.Author;
import io.buildledger.log.Streams;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which masters have lived, and which life of each lasts. */
final class MasterHistory {

    private static final class Master {
        private Life life = Life.BEFORE_THE_FIRST;
        private @Nullable Witness last;
        private boolean isSetAside;
    }

    private final Findings findings;
    private final Map<String, Master> masters = new HashMap<>();

    MasterHistory(Findings findings) {
        this.findings = findings;
    }

    void next(MasterEvent event, Witness witness) {
        Master master = masters.computeIfAbsent(witness.stream(), _ -> new Master());
        if (event instanceof MasterStarted) {
            findings.lookedAt(Check.MASTERS);
        }
        try {
            master.life = Life.evolve(master.life, event);
        } catch (IllegalTransition e) {
            if (!master.isSetAside) {
                findings.violation(
                        Check.MASTERS,
                        "%s %s in epoch %d, which can't be after %s"
                                .formatted(
                                        event.master(),
                                        verb(event),
                                        event.epoch(),
                                        told(master.life)),
                        master.last,
                        witness);
            }
            // As it says, so that one violation is not told as many.
            master.life =
                    event instanceof MasterStarted
                            ? new Life.Living(event.epoch())
                            : new Over(Math.max(event.epoch(), master.life.epoch()));
        }
        master.last = witness;
    }

    private static String verb(MasterEvent event) {
        return switch (event) {
            case MasterStarted _ -> "started";
            case MasterDrained _ -> "was drained";
            case MasterUndrained _ -> "was undrained";
            case ConfigurationReloadRequested _ -> "was told to reload its configuration";
            case ConfigurationReloaded _ -> "reloaded its configuration";
            case ConfigurationReloadRefused _ -> "refused to reload its configuration";
            case BuildersDescribed _ -> "described its builders";
            case MasterStopped _ -> "stopped";
            case MasterLost _ -> "was lost";
        };
    }

    private static String told(Life life) {
        return switch (life) {
            case Life.Before _ -> "no life at all";
            case Life.Living living -> "epoch %d began".formatted(living.epoch());
            case Over over -> "epoch %d ended".formatted(over.epoch());
        };
    }

    /** Whether this life has begun and has not ended, as far as can be said. */
    boolean isLiving(Author author) {
        Master master = masters.get(Streams.master(author.master()));
        return master != null
                && (master.isSetAside
                        || (master.life instanceof Life.Living
                                && master.life.epoch() == author.epoch()));
    }

    /** Whether this life has ended, as far as can be said. */
    boolean isOver(Author author) {
        Master master = masters.get(Streams.master(author.master()));
        return master != null
                && (master.isSetAside
                        || author.epoch() < master.life.epoch()
                        || master.life.equals(new Over(author.epoch())));
    }

    void setAside(String stream) {
        masters.computeIfAbsent(stream, _ -> new Master()).isSetAside = true;
    }
}
