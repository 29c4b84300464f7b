package io.buildledger.scheduler.serving;

import io.buildledger.steplog.StepLogs;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Logs of steps: more of one for the page of its build, and all of one as text. */
@Pages
class LogPages {

    private final StepLogs logs;

    LogPages(StepLogs logs) {
        this.logs = logs;
    }

    /**
     * More of a log, for the script that follows it.
     *
     * @param from number of the first line that is wanted, from 0
     */
    @GetMapping("/builds/{builder}/{number}/lines/{step}/{log}")
    String lines(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("log") String log,
            @RequestParam(name = "from", defaultValue = "0") long from,
            Model model) {
        requireLog(builder, number, step, log);
        long first = Math.max(0, from);
        StepLogs.Page page = logs.read(builder, number, step, log, first);
        model.addAttribute("step", step);
        model.addAttribute("log", log);
        model.addAttribute("lines", LogLine.of(page.lines(), first));
        model.addAttribute("next", page.next());
        model.addAttribute("complete", page.complete());
        model.addAttribute("full", page.lines().size() >= StepLogs.MOST_LINES);
        return "build :: more";
    }

    /** What a log has by now, as it was printed. */
    @GetMapping("/builds/{builder}/{number}/text/{step}/{log}")
    void text(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") int step,
            @PathVariable("log") String log,
            HttpServletResponse response)
            throws IOException {
        requireLog(builder, number, step, log);
        response.setContentType(MediaType.TEXT_PLAIN_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        LogText.write(response.getWriter(), from -> logs.read(builder, number, step, log, from));
    }

    private void requireLog(String builder, long number, int step, String log) {
        if (logs.of(builder, number).stream()
                .noneMatch(it -> it.step() == step && it.name().equals(log))) {
            throw new NotThereException(
                    "Step %d of build %s/%d has no log %s.".formatted(step, builder, number, log));
        }
    }
}
