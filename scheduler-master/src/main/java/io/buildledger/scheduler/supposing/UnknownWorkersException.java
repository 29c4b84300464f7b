package io.buildledger.scheduler.supposing;

import java.util.Collection;
import java.util.TreeSet;

/** No worker is called so, and no builder. */
public final class UnknownWorkersException extends UnanswerableException {

    private static final long serialVersionUID = 1;

    UnknownWorkersException(String name, Collection<String> workers, Collection<String> builders) {
        super(
                WrittenQuestion.WORKERS,
                "no worker's name begins with '%s', and no builder is called so: workers are %s, builders %s"
                        .formatted(name, told(workers), told(builders)));
    }

    private static String told(Collection<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", new TreeSet<>(names));
    }
}
