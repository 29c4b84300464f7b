package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Located;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Logs of steps: more of one for the page of its build, what of one has a text in it, and all of
 * one as text.
 */
@Pages
class LogPages {

    private final StepLogs logs;
    private final Views views;
    private final BuildSteps buildSteps;

    LogPages(StepLogs logs, Views views, BuildSteps buildSteps) {
        this.logs = logs;
        this.views = views;
        this.buildSteps = buildSteps;
    }

    /**
     * More of a log, for the script that shows it.
     *
     * @param from number of the first line that is wanted, from 0
     * @param limit how many are wanted; there may be fewer, if they are long
     * @param last whether the last ones are wanted, wherever these are
     */
    @GetMapping("/builds/{builder}/{number}/lines/{step}/{log}")
    String lines(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("log") String log,
            @RequestParam(name = "from", defaultValue = "0") long from,
            @RequestParam(name = "limit", defaultValue = "" + StepLogs.MOST_LINES) int limit,
            @RequestParam(name = "last", defaultValue = "false") boolean last,
            Model model) {
        Located located = require(builder, number, step, log);
        int most = Math.clamp(limit, 1, StepLogs.MOST_LINES);
        long first = Math.max(0, last ? located.lines() - most : from);
        StepLogs.Page page = logs.read(builder, number, step, log, first, most);
        model.addAttribute("step", step);
        model.addAttribute("log", log);
        model.addAttribute("lines", LogLine.of(page.lines(), first));
        model.addAttribute("first", first);
        model.addAttribute("next", page.next());
        model.addAttribute("written", !located.complete());
        model.addAttribute("more", page.next() < located.lines());
        return "build :: more";
    }

    /**
     * Lines of a log with a text in them.
     *
     * @param from number of the line with which the search begins, from 0
     */
    @GetMapping("/builds/{builder}/{number}/search/{step}/{log}")
    String search(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("log") String log,
            @RequestParam(name = "q", defaultValue = "") String q,
            @RequestParam(name = "from", defaultValue = "0") long from,
            Model model) {
        if (q.length() > LogSearch.LONGEST_TEXT) {
            throw new BadParameterException(
                    "q: no more than %d characters can be looked for"
                            .formatted(LogSearch.LONGEST_TEXT));
        }
        Located located = require(builder, number, step, log);
        model.addAttribute("log", located);
        StepsByNumber steps = steps(builder, number);
        model.addAttribute("stepName", steps.name(step));
        model.addAttribute("isHidden", steps.isHidden(step));
        model.addAttribute("q", q);
        model.addAttribute("mostText", LogSearch.LONGEST_TEXT);
        model.addAttribute(
                "found",
                q.isBlank()
                        ? null
                        : LogSearch.of(
                                line -> logs.read(builder, number, step, log, line),
                                q,
                                Math.max(0, from)));
        return "log-search";
    }

    /**
     * What a log has by now, as it was printed.
     *
     * @param download whether it is to become a file
     */
    @GetMapping("/builds/{builder}/{number}/text/{step}/{log}")
    void text(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("log") String log,
            @RequestParam(name = "download", defaultValue = "false") boolean download,
            HttpServletResponse response)
            throws IOException {
        require(builder, number, step, log);
        if (download) {
            String name = steps(builder, number).name(step);
            response.setHeader(
                    HttpHeaders.CONTENT_DISPOSITION,
                    ContentDisposition.attachment()
                            .filename(
                                    LogText.fileName(
                                            builder, number, name == null ? "" + step : name, log))
                            .build()
                            .toString());
        }
        response.setContentType(MediaType.TEXT_PLAIN_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        LogText.write(response.getWriter(), from -> logs.read(builder, number, step, log, from));
    }

    private Located require(String builder, long number, int step, String log) {
        return logs.locate(builder, number, step, log)
                .orElseThrow(() ->
                        new NotThereException(
                                "Step %d of build %s/%d has no log %s."
                                        .formatted(step, builder, number, log)));
    }

    /** Those of which it is written by now that they have begun. */
    private StepsByNumber steps(String builder, long number) {
        return StepsByNumber.of(
                views.build(builder, number)
                        .map(build -> buildSteps.of(build).all())
                        .orElse(List.of()));
    }
}
