package io.buildledger.scheduler.serving;

import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.claiming.RequestCommands.BuildAnswer;
import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.requesting.RebuiltFrom;
import io.buildledger.log.Author;
import io.buildledger.scheduler.admitting.Asker;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What people ask of builds, as a form or a JSON object. An answer of 200 means that it is in the
 * log.
 */
@RestController
@RequestMapping("/api")
class BuildController {

    /**
     * @param results of the build, now that it has ended
     */
    record Ended(String builder, long buildNumber, long requestId, String results) {}

    /**
     * @param requestIds the request of each builder
     */
    record Rebuilt(
            long buildsetId, Map<String, Long> requestIds, @Nullable RebuiltFrom rebuiltFrom) {}

    private final RequestCommands requests;
    private final Rebuilds rebuilds;
    private final RequestPermits permits;
    private final Author author;

    BuildController(
            RequestCommands requests, Rebuilds rebuilds, RequestPermits permits, Author author) {
        this.requests = requests;
        this.rebuilds = rebuilds;
        this.permits = permits;
        this.author = author;
    }

    @PostMapping("/builds/{builder}/{number}/stop")
    @Takes(Sent.WHY)
    Ended stop(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.STOP, builder));
        BuildAnswer answer = requests.stop(author, builder, number, asked.name(), asked.reason());
        return new Ended(
                builder, number, requireDone(builder, number, answer, "").requestId(), "CANCELLED");
    }

    @PostMapping("/builds/{builder}/{number}/retry")
    @Takes(Sent.WHY)
    Ended retry(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.STOP, builder));
        BuildAnswer answer = requests.retry(author, builder, number, asked.name(), asked.reason());
        return new Ended(
                builder,
                number,
                requireDone(builder, number, answer, "; rebuild has it built again").requestId(),
                "RETRY");
    }

    /**
     * @param advice what helps if it came too late
     */
    private static BuildAnswer.Done requireDone(
            String builder, long number, BuildAnswer answer, String advice) {
        return switch (answer) {
            case BuildAnswer.Done done -> done;
            case BuildAnswer.Unknown _ -> throw noBuild(builder, number);
            case BuildAnswer.Over over ->
                    throw new TooLateException(
                            "build %s/%d has ended already as %s: %s%s"
                                    .formatted(
                                            builder,
                                            number,
                                            over.results(),
                                            over.summary(),
                                            advice));
        };
    }

    private static NotThereException noBuild(String builder, long number) {
        return new NotThereException("there is no build %s/%d".formatted(builder, number));
    }

    @PostMapping("/builds/{builder}/{number}/rebuild")
    @Takes(Sent.WHY)
    Rebuilt rebuild(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.REBUILD, builder));
        return rebuilds.build(author, builder, number, asked.name(), asked.reason())
                .map(BuildController::rebuilt)
                .orElseThrow(() -> noBuild(builder, number));
    }

    @PostMapping("/buildsets/{id}/rebuild")
    @Takes(Sent.WHY)
    Rebuilt rebuild(@PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException {
        AskedBy asked =
                AskedBy.of(
                        request,
                        permits.buildset(asker, Act.REBUILD, id).orElseThrow(() -> noBuildset(id)));
        return rebuilds.buildset(author, id, asked.name(), asked.reason())
                .map(BuildController::rebuilt)
                .orElseThrow(() -> noBuildset(id));
    }

    private static NotThereException noBuildset(long id) {
        return new NotThereException("there is no buildset " + id);
    }

    private static Rebuilt rebuilt(BuildsetSubmitted buildset) {
        return new Rebuilt(buildset.buildsetId(), buildset.requestIds(), buildset.rebuiltFrom());
    }
}
