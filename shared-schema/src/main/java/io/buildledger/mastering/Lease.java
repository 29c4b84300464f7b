package io.buildledger.mastering;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry.Registration;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a process that is a master to the others, so that what it owns is free when it dies,
 * and that does nothing else that masters do.
 */
public final class Lease implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Lease.class);

    private final MasterRegistry registry;
    private final Author author;
    private final Duration pause;
    private final Thread thread;

    /** Begins a life; its lease is renewed from here on, until it is over to the others. */
    public Lease(MasterRegistry registry, Registration registration) {
        this.registry = registry;
        this.author = registry.register(registration);
        this.pause = registration.lease().dividedBy(6);
        this.thread = Thread.ofPlatform().name("lease").daemon().start(this::renew);
    }

    public Author author() {
        return author;
    }

    private void renew() {
        boolean lives = true;
        while (lives) {
            try {
                Thread.sleep(pause);
                lives = registry.renew(author).isPresent();
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("the lease could not be renewed: {}", DatabaseTrouble.reason(e));
            }
        }
    }

    /** Ends the life in order. */
    @Override
    public void close() {
        thread.interrupt();
        registry.stop(author);
    }
}
