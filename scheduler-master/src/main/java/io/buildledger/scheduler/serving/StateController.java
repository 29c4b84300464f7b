package io.buildledger.scheduler.serving;

import io.buildledger.replaying.ClusterAt;
import io.buildledger.replaying.PastStates;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What was so at moments that are past. */
@RestController
@RequestMapping("/api/state")
class StateController {

    private final PastReading past;

    StateController(PastReading past) {
        this.past = past;
    }

    @GetMapping
    ClusterAt state(
            @RequestParam(name = "at", required = false) @Nullable String at,
            @RequestParam(name = "event", required = false) @Nullable Long event)
            throws InterruptedException {
        if ((at == null) == (event == null)) {
            throw new BadParameterException("at, event: one of them says which moment is meant");
        }
        Instant moment = at == null ? null : moment(at);
        long index = event == null ? 0 : event;
        return past.read(connection -> {
            PastStates states = new PastStates(connection);
            return ClusterAt.of(moment != null ? states.at(moment) : states.atEvent(index));
        });
    }

    /**
     * @throws BadParameterException if the text is no time
     */
    static Instant moment(String at) {
        return SentTime.read("at", at);
    }
}
