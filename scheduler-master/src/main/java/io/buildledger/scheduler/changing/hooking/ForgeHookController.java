package io.buildledger.scheduler.changing.hooking;

import io.buildledger.scheduler.changing.ChangeIntake;
import io.buildledger.scheduler.changing.ChangeIntake.Taken;
import io.buildledger.scheduler.changing.InvalidChangeException;
import io.buildledger.showing.Printable;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /change_hook/NAME}: what a forge sends of its own accord. The answer 200 means that
 * all that it tells of is in the log, now or since before, or that there is nothing to build, with
 * the reason. All else may be delivered again, and makes nothing twice.
 */
@RestController
final class ForgeHookController {

    /**
     * The answer to a delivery.
     *
     * @param changeIds numbers of the new changes
     * @param known numbers of those that were taken before
     * @param ignored what makes no change, and why
     */
    record Answer(List<Long> changeIds, List<Long> known, List<String> ignored) {}

    /** GitHub's own limit. */
    static final int LARGEST_BODY = 25 * 1024 * 1024;

    private static final int LARGE_BODY = 1024 * 1024;
    private static final int LARGE_AT_ONCE = 4;
    private static final int WAIT_SECONDS = 8;
    private static final String JSON = "application/json";
    private static final String PAYLOAD = "payload";

    private final ChangeIntake intake;
    private final ConfiguredHooks hooks;
    private final InstantSource clock;

    /** What is read has to be kept until its signature can be judged, whoever has sent it. */
    private final Semaphore large = new Semaphore(LARGE_AT_ONCE);

    ForgeHookController(ChangeIntake intake, ConfiguredHooks hooks, InstantSource databaseClock) {
        this.intake = intake;
        this.hooks = hooks;
        this.clock = databaseClock;
    }

    @PostMapping(path = "/change_hook/{name}", produces = JSON)
    Answer take(@PathVariable("name") String name, HttpServletRequest request)
            throws IOException, InterruptedException {
        Forge forge = hooks.forge(name);
        Proof proof = proof(forge.dialect(), request);
        boolean isLarge =
                request.getContentLengthLong() < 0 || request.getContentLengthLong() > LARGE_BODY;
        if (!isLarge) {
            return answer(forge, proof, request);
        }
        if (!large.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
            throw new HookRefusedException(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "body: too many large ones at a time; send it again later");
        }
        try {
            return answer(forge, proof, request);
        } finally {
            large.release();
        }
    }

    private static Proof proof(Dialect dialect, HttpServletRequest request) {
        for (Proof proof : dialect.proofs()) {
            if (request.getHeader(proof.header()) != null) {
                return proof;
            }
        }
        String header = dialect.proofs().getFirst().header();
        throw HookRefusedException.unauthorized(
                header + ": is missing: give the forge the secret that is configured here",
                "Hook header=\"" + header + "\"");
    }

    private Answer answer(Forge forge, Proof proof, HttpServletRequest request) throws IOException {
        byte[] body = HookBody.read(request, LARGEST_BODY);
        if (!proof.shows(request.getHeader(proof.header()), forge.secret(), body)) {
            throw new HookRefusedException(
                    HttpStatus.FORBIDDEN,
                    proof.header()
                            + ": is not of the secret that is configured here: give the forge the same");
        }
        Delivery delivery = read(forge, request, body);
        List<Taken> taken = intake.take(delivery.changes());
        return new Answer(
                taken.stream().filter(Taken::isNew).map(Taken::changeId).toList(),
                taken.stream().filter(one -> !one.isNew()).map(Taken::changeId).toList(),
                delivery.ignored());
    }

    private Delivery read(Forge forge, HttpServletRequest request, byte[] body) {
        String header = forge.dialect().eventHeader();
        String event = request.getHeader(header);
        if (event == null || event.isBlank()) {
            throw InvalidChangeException.malformed(
                    header, "is missing: it names the kind of event");
        }
        Delivery delivery =
                new Delivery(forge, Printable.cut(Printable.of(event), 100), clock.instant());
        forge.dialect().read(event, Payload.of(json(request.getContentType(), body)), delivery);
        return delivery;
    }

    private static String json(@Nullable String contentType, byte[] body) {
        if (contentType != null && contentType.startsWith(JSON)) {
            return HookBody.text(body, "body");
        }
        if (!HookBody.isForm(contentType)) {
            throw HookBody.wrongType(contentType, JSON);
        }
        String payload = HookBody.form(body, List.of(PAYLOAD)).get(PAYLOAD);
        if (payload == null) {
            throw InvalidChangeException.malformed(PAYLOAD, "is missing: the JSON belongs here");
        }
        return payload;
    }
}
