package io.buildledger.scheduler.changing;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.Author;
import io.buildledger.log.Entry;
import io.buildledger.log.EventLog;
import io.buildledger.log.Streams;
import io.buildledger.numbering.Numbers;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Takes changes in: when a call returns, they are in the log, and every scheduler will see them.
 */
@Component
final class ChangeIntake {

    private final EventLog log;
    private final Numbers numbers;
    private final Author author;

    ChangeIntake(EventLog log, Numbers numbers, Author author) {
        this.log = log;
        this.numbers = numbers;
        this.author = author;
    }

    /** Takes a change in and returns its number. */
    long take(NewChange change) {
        List<Entry> entries = numbered(List.of(change));
        log.inTransaction(() -> log.append(author, null, entries));
        return ids(entries).getFirst();
    }

    /**
     * Takes changes in together with the entry that says how far their source has been read.
     *
     * @throws io.buildledger.log.ConflictException if another master has read that source
     *     meanwhile; nothing is taken
     */
    List<Long> take(List<NewChange> changes, Entry cursor) {
        List<Entry> entries = numbered(changes);
        log.inTransaction(() -> {
            log.append(author, null, List.of(cursor));
            log.append(author, null, entries);
        });
        return ids(entries);
    }

    /**
     * Before the transaction that appends, not in it: the numbers need a connection too, and takers
     * that each hold one while they wait for a second would empty the pool and wait for ever.
     */
    private List<Entry> numbered(List<NewChange> changes) {
        if (changes.isEmpty()) {
            return List.of();
        }
        long id = numbers.take(Numbers.CHANGE, changes.size());
        List<Entry> entries = new ArrayList<>();
        for (NewChange change : changes) {
            entries.add(new Entry(Streams.change(id), 0, change.received(id)));
            id++;
        }
        return entries;
    }

    private static List<Long> ids(List<Entry> entries) {
        return entries.stream().map(entry -> ((ChangeReceived) entry.event()).changeId()).toList();
    }
}
