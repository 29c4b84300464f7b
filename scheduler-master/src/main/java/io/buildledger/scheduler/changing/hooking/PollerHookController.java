package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.GitPollers;
import io.buildledger.scheduler.changing.GitPollers.Poke;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /change_hook/poller?poller=URL}: has git pollers look now, for whoever can tell that
 * there is something new and not what. With several {@code poller} all of them, and without any all
 * that this master polls. The answer 200 says which are about to look, and not what they find.
 * Whoever may send changes to {@code base} may ask for it.
 */
@RestController
final class PollerHookController {

    /** Which repositories are about to be looked at. */
    record Looking(Set<String> pollers) {}

    private static final String FIELD = "poller";

    private final GitPollers pollers;
    private final HookDoor door;

    PollerHookController(GitPollers pollers, HookDoor door) {
        this.pollers = pollers;
        this.door = door;
    }

    @PostMapping(path = "/change_hook/poller", produces = "application/json")
    ResponseEntity<?> poller(HttpServletRequest request) {
        door.require(request);
        String[] repositories;
        try {
            repositories = request.getParameterValues(FIELD);
        } catch (IllegalStateException e) {
            // The container's word for a form that it can't decode.
            return refusal(HttpStatus.BAD_REQUEST, "body: is not a form in UTF-8");
        }
        return switch (pollers.poke(repositories == null ? List.of() : List.of(repositories))) {
            case Poke.Looking looking -> ResponseEntity.ok(new Looking(looking.repositories()));
            case Poke.Unknown unknown ->
                    refusal(
                            HttpStatus.NOT_FOUND,
                            "poller: there is no git_poller of '%s': give its repourl"
                                    .formatted(unknown.repository()));
            case Poke.Elsewhere elsewhere ->
                    refusal(
                            HttpStatus.CONFLICT,
                            elsewhere.master() == null
                                    ? "poller: '%s' is polled by no master at the moment: try again"
                                            .formatted(elsewhere.repository())
                                    : "poller: '%s' is polled by master %s: ask that one"
                                            .formatted(elsewhere.repository(), elsewhere.master()));
        };
    }

    private static ResponseEntity<ProblemDetail> refusal(HttpStatus status, String detail) {
        return ResponseEntity.status(status).body(ProblemDetail.forStatusAndDetail(status, detail));
    }
}
