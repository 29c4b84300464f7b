package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says at the start who reaches the pages, and whether they may everything. */
@Component
class ReachableBy {

    private static final Logger LOG = LoggerFactory.getLogger(ReachableBy.class);

    private final ConfigurationFile file;
    private final Admission admission;

    ReachableBy(ConfigurationFile file, Admission admission) {
        this.file = file;
        this.admission = admission;
    }

    @EventListener(ApplicationReadyEvent.class)
    void tell() {
        Configuration.Web web = file.configuration().web();
        boolean isHere = isLoopback(web.address());
        if (!admission.isOpen()) {
            LOG.info(
                    "the pages are on {}, for {}, as far as a role gives it",
                    web.address(),
                    isHere ? "this machine alone" : "whoever reaches it");
        } else if (isHere) {
            LOG.info(
                    "the pages are on {}, for this machine alone; whoever is on it may everything, as the configuration has no 'access'",
                    web.address());
        } else {
            LOG.warn(
                    "the pages are on {}, and whoever reaches it may everything, as the configuration has no 'access': say there who may what",
                    web.address());
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Then nothing listens there, and the start says so.
            return false;
        }
    }
}
