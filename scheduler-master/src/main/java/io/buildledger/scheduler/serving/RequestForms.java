package io.buildledger.scheduler.serving;

import io.buildledger.claiming.Rebuilds;
import io.buildledger.claiming.RequestCommands;
import io.buildledger.claiming.RequestCommands.BuildAnswer;
import io.buildledger.configuring.Access.Act;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.log.Author;
import io.buildledger.scheduler.admitting.Asker;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/**
 * The forms on the pages of builds and requests: plain ones, which need no scripts, and lead to the
 * page on which one sees what came of them.
 */
@Pages
class RequestForms {

    private final RequestCommands requests;
    private final Rebuilds rebuilds;
    private final BuildersOf builders;
    private final Author author;

    RequestForms(RequestCommands requests, Rebuilds rebuilds, BuildersOf builders, Author author) {
        this.requests = requests;
        this.rebuilds = rebuilds;
        this.builders = builders;
        this.author = author;
    }

    /** Where the forms of a build are: an address that was sent to is gone to, too. */
    @GetMapping({
        "/builds/{builder}/{number}/stop",
        "/builds/{builder}/{number}/retry",
        "/builds/{builder}/{number}/rebuild"
    })
    String form(@PathVariable("builder") String builder, @PathVariable("number") long number) {
        return "redirect:" + new Shown().path(builder, number);
    }

    @GetMapping("/requests/{id}/cancel")
    String form(@PathVariable("id") long id) {
        return "redirect:/requests/" + id;
    }

    @PostMapping("/builds/{builder}/{number}/stop")
    String stop(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.STOP, builder));
        return pageOf(
                builder,
                number,
                requests.stop(author, builder, number, asked.name(), asked.reason()));
    }

    /** The build ends, and its request is built once more. */
    @PostMapping("/builds/{builder}/{number}/retry")
    String retry(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.STOP, builder));
        return pageOf(
                builder,
                number,
                requests.retry(author, builder, number, asked.name(), asked.reason()));
    }

    private static String pageOf(String builder, long number, BuildAnswer answer) {
        return switch (answer) {
            case BuildAnswer.Done _ -> "redirect:" + new Shown().path(builder, number);
            case BuildAnswer.Unknown _ -> throw noBuild(builder, number);
            case BuildAnswer.Over over ->
                    throw new TooLateException(
                            "Build %s/%d has ended already as %s: %s"
                                    .formatted(builder, number, over.results(), over.summary()));
        };
    }

    private static NotThereException noBuild(String builder, long number) {
        return new NotThereException("There is no build %s/%d.".formatted(builder, number));
    }

    @PostMapping("/builds/{builder}/{number}/rebuild")
    String rebuild(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            Asker asker,
            HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.REBUILD, builder));
        BuildsetSubmitted again =
                rebuilds.build(author, builder, number, asked.name(), asked.reason())
                        .orElseThrow(() -> noBuild(builder, number));
        return "redirect:/requests/" + again.requestIds().values().iterator().next();
    }

    @PostMapping("/requests/{id}/cancel")
    String cancel(@PathVariable("id") long id, Asker asker, HttpServletRequest request)
            throws IOException {
        AskedBy asked = AskedBy.of(request, asker.require(Act.CANCEL, builders.request(id)));
        return switch (requests.cancel(author, id, asked.name(), asked.reason())) {
            case RequestCommands.Answer.Done _ -> "redirect:/requests/" + id;
            case RequestCommands.Answer.Unknown _ ->
                    throw new NotThereException("There is no request %d.".formatted(id));
            case RequestCommands.Answer.Over over ->
                    throw new TooLateException(
                            "Request %d has ended already as %s.".formatted(id, over.results()));
        };
    }
}
