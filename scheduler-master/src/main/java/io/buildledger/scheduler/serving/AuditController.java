package io.buildledger.scheduler.serving;

import io.buildledger.auditing.Audit;
import io.buildledger.auditing.Audits;
import io.buildledger.auditing.ClaimAudit;
import io.buildledger.auditing.Claimed;
import io.buildledger.auditing.Period;
import io.buildledger.auditing.Subject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Who did what, as the events tell it. What a name may be {@link Subject} says; a slash in it is
 * encoded. Times are in UTC.
 */
@RestController
@RequestMapping("/api/audit")
class AuditController {

    /**
     * @param next what {@code after} is for those that follow; null if there are none
     */
    record Claims(String master, List<Claimed> claims, @Nullable String next) {}

    private final Audits audits;
    private final ClaimAudit claims;

    AuditController(Audits audits, ClaimAudit claims) {
        this.audits = audits;
        this.claims = claims;
    }

    @GetMapping("/{kind}/{name}")
    Audit audit(
            @PathVariable("kind") String kind,
            @PathVariable("name") String name,
            @RequestParam(name = "since", required = false) @Nullable String since,
            @RequestParam(name = "until", required = false) @Nullable String until,
            @RequestParam(name = "limit", defaultValue = "50") int limit) {
        return audit(audits, kind, name, since, until, limit);
    }

    static Audit audit(
            Audits audits,
            String kind,
            String name,
            @Nullable String since,
            @Nullable String until,
            int limit) {
        Subject subject = subject(kind, name);
        return audits.of(subject, period(since, until, limit))
                .orElseThrow(() ->
                        new NotThereException(
                                "there is no %s %s in the log".formatted(kind, name)));
    }

    private static Subject subject(String kind, String name) {
        try {
            return Subject.of(kind, name);
        } catch (IllegalArgumentException e) {
            throw new BadParameterException(String.valueOf(e.getMessage()));
        }
    }

    private static Period period(@Nullable String since, @Nullable String until, int limit) {
        Instant from = SentTime.readIfAny("since", since);
        Instant to = SentTime.readIfAny("until", until);
        try {
            return new Period(from, to, limit);
        } catch (IllegalArgumentException e) {
            throw new BadParameterException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * All claims of a master, in their order.
     *
     * @param by the master
     * @param after the build of the claim after which to go on, {@code BUILDER/NUMBER}
     */
    @GetMapping("/claims")
    Claims claims(
            @RequestParam(name = "by") String by,
            @RequestParam(name = "since", required = false) @Nullable String since,
            @RequestParam(name = "until", required = false) @Nullable String until,
            @RequestParam(name = "after", required = false) @Nullable String after,
            @RequestParam(name = "limit", defaultValue = "50") int limit) {
        Period period = period(since, until, limit);
        List<Claimed> found =
                claims.page(
                                by,
                                period.since(),
                                period.until(),
                                after == null ? null : subject(Subject.Kind.BUILD.word(), after),
                                limit + 1)
                        .orElseThrow(() ->
                                new BadParameterException(
                                        "after: '%s' is no build of master %s"
                                                .formatted(after, by)));
        Portion<Claimed> portion =
                Portion.of(found, limit, it -> "%s/%d".formatted(it.builder(), it.buildNumber()));
        return new Claims(by, portion.items(), portion.next());
    }
}
