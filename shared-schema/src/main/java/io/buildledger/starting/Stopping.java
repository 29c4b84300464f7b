package io.buildledger.starting;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ConfigurableApplicationContext;

/** Ends this master's process in order, from within. */
public final class Stopping {

    private static final Logger LOG = LoggerFactory.getLogger(Stopping.class);

    private final ConfigurableApplicationContext context;

    Stopping(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /**
     * Begins to stop; returns at once, for the closing of what runs may wait for the caller.
     *
     * @param status of the process
     */
    public void stop(int status) {
        Thread.ofPlatform()
                .name("stopping")
                .daemon(false)
                .start(() -> {
                    context.close();
                    LOG.info("stopped");
                    System.exit(status);
                });
    }
}
