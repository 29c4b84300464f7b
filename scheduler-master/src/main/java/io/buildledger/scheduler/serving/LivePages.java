package io.buildledger.scheduler.serving;

import io.buildledger.viewing.ViewProjector;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.ui.Model;

/** Pages that hear of what happens after they were made. */
@Component
class LivePages {

    private final JdbcClient jdbc;

    LivePages(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Says from where on a page listens. To be called before the page reads anything: so it hears
     * of all that it does not show yet.
     */
    void begin(Model model) {
        model.addAttribute("liveAfter", ViewProjector.position(jdbc).complete());
    }
}
