package io.buildledger.scheduler.serving;

import io.buildledger.log.WholeLog;
import io.buildledger.replaying.ClusterAt;
import io.buildledger.replaying.PastStates;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The page on which one goes through the moments of a log. It is of use without scripts, too. */
@Pages
class StatePageController {

    /** More than anybody reads; the answer to programs has all of them. */
    private static final int QUEUE_SHOWN = 500;

    private final PastReading past;

    StatePageController(PastReading past) {
        this.past = past;
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
        Instant moment = at == null ? null : StateController.moment(at);
        return past.read(connection -> {
            long head = new WholeLog(connection).head();
            PastStates states = new PastStates(connection);
            ClusterAt then =
                    ClusterAt.of(
                            moment != null
                                    ? states.at(moment)
                                    : states.atEvent(event == null ? head : event));
            model.addAttribute("then", then);
            model.addAttribute("queue", then.queue().stream().limit(QUEUE_SHOWN).toList());
            model.addAttribute("moreQueued", Math.max(0, then.queue().size() - QUEUE_SHOWN));
            model.addAttribute("head", head);
            model.addAttribute("next", next(event, then.event()));
            return "state :: then";
        });
    }

    /** Some numbers have no event: after one that was asked for comes the one after that. */
    private static long next(@Nullable Long asked, long shown) {
        return Math.max(asked == null ? 0 : asked, Math.max(shown, 0)) + 1;
    }
}
