package io.buildledger.scheduler.changing;

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
        return log.inTransaction(() -> append(List.of(change))).getFirst();
    }

    /**
     * Takes changes in together with the entry that says how far their source has been read.
     *
     * @throws io.buildledger.log.ConflictException if another master has read that source
     *     meanwhile; nothing is taken
     */
    List<Long> take(List<NewChange> changes, Entry cursor) {
        return log.inTransaction(() -> {
            log.append(author, null, List.of(cursor));
            return append(changes);
        });
    }

    private List<Long> append(List<NewChange> changes) {
        if (changes.isEmpty()) {
            return List.of();
        }
        long first = numbers.take(Numbers.CHANGE, changes.size());
        List<Entry> entries = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        for (NewChange change : changes) {
            long id = first + ids.size();
            ids.add(id);
            entries.add(new Entry(Streams.change(id), 0, change.received(id)));
        }
        log.append(author, null, entries);
        return ids;
    }
}
