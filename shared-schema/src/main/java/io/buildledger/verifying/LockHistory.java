package io.buildledger.verifying;

import io.buildledger.domain.IllegalTransition;
import io.buildledger.domain.locking.Lock;
import io.buildledger.domain.locking.LockEvent;
import io.buildledger.domain.locking.LockEvent.LockGranted;
import io.buildledger.domain.locking.LockEvent.LockReleased;
import io.buildledger.domain.locking.LockEvent.LockRequested;
import io.buildledger.log.Author;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Who holds which lock, and who waits for it. Of locks that nobody wants nothing is kept. */
final class LockHistory {

    private final Findings findings;
    private final MasterHistory masters;
    private final Map<String, Lock> locks = new HashMap<>();
    private final Map<String, Witness> last = new HashMap<>();
    private final Set<String> setAside = new HashSet<>();

    LockHistory(Findings findings, MasterHistory masters) {
        this.findings = findings;
        this.masters = masters;
    }

    void next(LockEvent event, Witness witness) {
        String name = event.lock();
        if (setAside.contains(name)) {
            return;
        }
        if (event instanceof LockGranted) {
            findings.lookedAt(Check.LOCKS);
        }
        if (event instanceof LockRequested asked) {
            tellOfLost(asked, witness);
        }
        try {
            Lock after = Lock.evolve(locks.getOrDefault(name, Lock.FREE), event);
            if (after.equals(Lock.FREE)) {
                locks.remove(name);
                last.remove(name);
            } else {
                locks.put(name, after);
                last.put(name, witness);
            }
        } catch (IllegalTransition e) {
            findings.violation(
                    Check.LOCKS,
                    "lock %s: %s, which can't be after %s"
                            .formatted(
                                    name, told(event), told(locks.getOrDefault(name, Lock.FREE))),
                    last.get(name),
                    witness);
            setAside(name);
        }
    }

    private void tellOfLost(LockRequested asked, Witness witness) {
        Author master = new Author(asked.master(), asked.epoch());
        if (masters.isOver(master)) {
            findings.violation(
                    Check.LOCKS,
                    "lock %s was asked for by %s, whose life was over"
                            .formatted(asked.lock(), master.owner()),
                    witness);
        }
    }

    private static String told(LockEvent event) {
        String verb =
                switch (event) {
                    case LockRequested _ -> "has come";
                    case LockGranted _ -> "was given it";
                    case LockReleased _ -> "has let go";
                };
        return "ticket %d %s".formatted(event.ticket(), verb);
    }

    private static String told(Lock lock) {
        StringBuilder text = new StringBuilder();
        lock.tickets()
                .forEach((number, ticket) ->
                        text.append(text.isEmpty() ? "" : ", ")
                                .append(
                                        "ticket %d %s %s %d of %d"
                                                .formatted(
                                                        number,
                                                        ticket.held() ? "held" : "waited for",
                                                        ticket.asked().mode(),
                                                        ticket.asked().count(),
                                                        ticket.asked().maxCount())));
        return text.isEmpty() ? "nobody held it" : text.toString();
    }

    void setAside(String name) {
        setAside.add(name);
        locks.remove(name);
        last.remove(name);
    }
}
