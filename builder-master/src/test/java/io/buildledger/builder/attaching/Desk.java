package io.buildledger.builder.attaching;

import io.buildledger.builder.attaching.Attachments.Admission.Admitted;
import io.buildledger.builder.attaching.Attachments.Admission.Refused;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Admits workers, except those it was told to refuse, and notes who came and who is gone. */
final class Desk implements Attachments {

    record Gone(WorkerConnection connection, String reason) {}

    private final BlockingQueue<WorkerConnection> admitted = new LinkedBlockingQueue<>();
    private final BlockingQueue<Gone> gone = new LinkedBlockingQueue<>();
    private final Map<String, String> refused = new ConcurrentHashMap<>();

    void refuse(String name, String reason) {
        refused.put(name, reason);
    }

    @Override
    public Admission admit(WorkerConnection connection) {
        String reason = refused.get(connection.name());
        if (reason != null) {
            return new Refused(reason);
        }
        admitted.add(connection);
        return new Admitted();
    }

    @Override
    public void gone(WorkerConnection connection, String reason) {
        gone.add(new Gone(connection, reason));
    }

    /** The next that was admitted. */
    WorkerConnection next() throws InterruptedException {
        return next(admitted);
    }

    Gone nextGone() throws InterruptedException {
        return next(gone);
    }

    boolean nobodyIsGone() {
        return gone.isEmpty();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(30, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nobody within 30 s");
        }
        return next;
    }
}
