package io.buildledger.scheduler.serving;

import io.buildledger.database.Database;
import io.buildledger.database.ReadingConnection;
import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ClusterAt;
import io.buildledger.replaying.PastStates;
import io.buildledger.replaying.PastStates.PastState;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RequestParam;

/** The page on which one goes through the moments of a log. It is of use without scripts, too. */
@Controller
class StatePageController {

    private final Database database;

    StatePageController(Database database) {
        this.database = database;
    }

    @ModelAttribute("shown")
    Shown shown() {
        return new Shown();
    }

    /** Of the newest event where no moment is asked for. */
    @GetMapping("/state")
    String page(
            @RequestParam(name = "at", required = false) @Nullable String at,
            @RequestParam(name = "event", required = false) @Nullable Long event,
            Model model)
            throws InterruptedException {
        section(at, event, model);
        return "state";
    }

    @GetMapping("/sections/state")
    String section(
            @RequestParam(name = "at", required = false) @Nullable String at,
            @RequestParam(name = "event", required = false) @Nullable Long event,
            Model model)
            throws InterruptedException {
        try (ReadingConnection connection = database.connectToRead()) {
            long head = new WholeLog(connection).head();
            PastStates states = new PastStates(connection);
            PastState past =
                    at != null
                            ? states.at(StateController.moment(at))
                            : states.atEvent(event == null ? head : event);
            model.addAttribute("then", ClusterAt.of(past));
            model.addAttribute("head", head);
            return "state :: then";
        }
    }
}
