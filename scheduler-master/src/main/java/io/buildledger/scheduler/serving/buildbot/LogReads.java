package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.LogText;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Located;
import io.buildledger.viewing.BuildSteps;
import io.buildledger.viewing.BuildSteps.Step;
import io.buildledger.viewing.Views;
import io.buildledger.viewing.Views.Build;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Logs of steps. All are of Buildbot's type {@code s}: each line begins with a letter that tells
 * where it comes from. A line that is stored in parts counts as so many.
 */
@RestController
@RequestMapping("/api/v2")
class LogReads {

    /** So many lines are told at once. */
    private static final int MOST_LINES = 10_000;

    /** After so many characters no further lines are read. */
    private static final int ENOUGH = 4 * 1024 * 1024;

    private final StepLogs logs;
    private final Views views;
    private final BuildRows rows;
    private final BuildSteps steps;

    LogReads(StepLogs logs, Views views, BuildRows rows, BuildSteps steps) {
        this.logs = logs;
        this.views = views;
        this.rows = rows;
        this.steps = steps;
    }

    @Answers(value = Kind.LOG, many = true)
    @GetMapping("/steps/{id}/logs")
    Answer logsOf(@PathVariable("id") long id, HttpServletRequest request) {
        Numbered.Part part = Numbered.part(id).orElseThrow(() -> noStep(id));
        Build build = rows.find(part.whole()).orElseThrow(() -> noStep(id));
        return logsOf(build, String.valueOf(part.number()), request);
    }

    private static NotThereException noStep(long id) {
        return new NotThereException("there is no step " + id);
    }

    @Answers(value = Kind.LOG, many = true)
    @GetMapping("/builds/{id}/steps/{step}/logs")
    Answer logsOf(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            HttpServletRequest request) {
        return logsOf(rows.require(id), step, request);
    }

    @Answers(value = Kind.LOG, many = true)
    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}/logs")
    Answer logsOf(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            HttpServletRequest request) {
        return logsOf(rows.require(builder, number), step, request);
    }

    private Answer logsOf(Build build, String step, HttpServletRequest request) {
        return Answer.ofAll(
                Query.ofMany(Kind.LOG, request),
                located(build, step).stream().map(it -> row(it, build)).toList());
    }

    private List<Located> located(Build build, String step) {
        Step found = BuildReads.require(steps, build, step);
        return logs.locate(build.builder(), build.buildNumber()).stream()
                .filter(it -> it.step() == found.step())
                .toList();
    }

    private Located located(Build build, String step, String log) {
        return located(build, step).stream()
                .filter(it -> it.name().equals(log) || slug(it).equals(log))
                .findFirst()
                .orElseThrow(() ->
                        new NotThereException(
                                "step %s of build %s/%d has no log %s"
                                        .formatted(
                                                step, build.builder(), build.buildNumber(), log)));
    }

    private static Row row(Located log, Build build) {
        OptionalLong step = BuildRows.stepNumber(build, log.step());
        return new Row()
                .with("logid", log.logId())
                .with("stepid", step.orElse(0))
                .with("name", log.name())
                .with("slug", slug(log))
                .with("type", "s")
                .with("complete", log.complete())
                .with("num_lines", log.lines());
    }

    /** A name for addresses and files. */
    private static String slug(Located log) {
        return log.name().replaceAll("[^A-Za-z0-9_-]", "_");
    }

    private Located require(long id) {
        return logs.locate(id).orElseThrow(() -> new NotThereException("there is no log " + id));
    }

    @Answers(Kind.LOG)
    @GetMapping("/logs/{id}")
    Answer log(@PathVariable("id") long id, HttpServletRequest request) {
        Located log = require(id);
        Build build =
                views.build(log.builder(), log.buildNumber())
                        .orElseThrow(() -> new NotThereException("there is no log " + id));
        return Answer.ofOne(Query.ofOne(Kind.LOG, request), row(log, build));
    }

    @Answers(Kind.LOG)
    @GetMapping("/builds/{id}/steps/{step}/logs/{log}")
    Answer log(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletRequest request) {
        return log(located(rows.require(id), step, log).logId(), request);
    }

    @Answers(Kind.LOG)
    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}/logs/{log}")
    Answer log(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletRequest request) {
        return log(located(rows.require(builder, number), step, log).logId(), request);
    }

    @Answers(Kind.LOG_CHUNK)
    @GetMapping("/logs/{id}/contents")
    Answer contents(@PathVariable("id") long id, HttpServletRequest request) {
        return contents(require(id), request);
    }

    @Answers(Kind.LOG_CHUNK)
    @GetMapping("/builds/{id}/steps/{step}/logs/{log}/contents")
    Answer contents(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletRequest request) {
        return contents(located(rows.require(id), step, log), request);
    }

    @Answers(Kind.LOG_CHUNK)
    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}/logs/{log}/contents")
    Answer contents(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletRequest request) {
        return contents(located(rows.require(builder, number), step, log), request);
    }

    private Answer contents(Located log, HttpServletRequest request) {
        Query query = Query.ofMany(Kind.LOG_CHUNK, request);
        int wanted = Math.min(query.limit() == null ? MOST_LINES : query.limit(), MOST_LINES);
        StringBuilder content = new StringBuilder();
        long next = query.offset();
        int lines = 0;
        StepLogs.Page page;
        do {
            page = read(log, next);
            for (Line line : page.lines()) {
                if (lines < wanted && content.length() < ENOUGH) {
                    content.append(line.source().letter(false)).append(line.text()).append('\n');
                    lines++;
                }
            }
            next = page.next();
        } while (!page.lines().isEmpty() && lines < wanted && content.length() < ENOUGH);
        boolean isCut =
                log.lines() > query.offset() + (long) lines
                        && (query.limit() == null || lines < query.limit());
        return Answer.of(
                query,
                List.of(
                        new Row()
                                .with("logid", log.logId())
                                .with("firstline", (long) query.offset())
                                .with("content", content.toString())),
                isCut ? Map.of("incomplete", true) : Map.of());
    }

    private StepLogs.Page read(Located log, long from) {
        return logs.read(log.builder(), log.buildNumber(), log.step(), log.name(), from);
    }

    @GetMapping("/logs/{id}/raw")
    void raw(@PathVariable("id") long id, HttpServletResponse response) throws IOException {
        raw(require(id), response);
    }

    @GetMapping("/builds/{id}/steps/{step}/logs/{log}/raw")
    void raw(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletResponse response)
            throws IOException {
        raw(located(rows.require(id), step, log), response);
    }

    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}/logs/{log}/raw")
    void raw(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletResponse response)
            throws IOException {
        raw(located(rows.require(builder, number), step, log), response);
    }

    private void raw(Located log, HttpServletResponse response) throws IOException {
        response.setHeader(
                HttpHeaders.CONTENT_DISPOSITION,
                ContentDisposition.attachment().filename(slug(log)).build().toString());
        text(log, response);
    }

    @GetMapping("/logs/{id}/raw_inline")
    void rawInline(@PathVariable("id") long id, HttpServletResponse response) throws IOException {
        text(require(id), response);
    }

    @GetMapping("/builds/{id}/steps/{step}/logs/{log}/raw_inline")
    void rawInline(
            @PathVariable("id") long id,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletResponse response)
            throws IOException {
        text(located(rows.require(id), step, log), response);
    }

    @GetMapping("/builders/{builder}/builds/{number}/steps/{step}/logs/{log}/raw_inline")
    void rawInline(
            @PathVariable("builder") String builder,
            @PathVariable("number") long number,
            @PathVariable("step") String step,
            @PathVariable("log") String log,
            HttpServletResponse response)
            throws IOException {
        text(located(rows.require(builder, number), step, log), response);
    }

    private void text(Located log, HttpServletResponse response) throws IOException {
        response.setContentType(MediaType.TEXT_PLAIN_VALUE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        LogText.write(response.getWriter(), from -> read(log, from));
    }
}
