package io.buildledger.scheduler.serving;

import io.buildledger.auditing.Audit;
import io.buildledger.domain.mastering.Fingerprints;
import io.buildledger.domain.mastering.PublishedFingerprint;
import io.buildledger.log.ReaderLag;
import io.buildledger.log.Streams;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.showing.ShortRevision;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.ChangeGrid;
import io.buildledger.viewing.ViewProjector;
import io.buildledger.viewing.Views;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.HtmlUtils;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/**
 * How values look on a page. What there are thousands of on one is written here as HTML: templates
 * take a hundred times as long for it.
 */
final class Shown {

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("HH:mm").withZone(ZoneOffset.UTC);
    private static final Pattern INSTANT =
            Pattern.compile("\\b\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?Z");
    private static final int NARROW = 15;
    private static final double KILO = 1000;
    private static final double NEARLY_DONE = 0.97;
    private static final int FEWEST_LINES = 2;
    private static final int MOST_LINES = 8;
    private static final int LONGEST_VALUE = 2000;
    private static final int MOST_READERS = 3;
    private static final List<String> LEGEND =
            List.of(
                    "SUCCESS",
                    "WARNINGS",
                    "FAILURE",
                    "EXCEPTION",
                    "RETRY",
                    "CANCELLED",
                    "SKIPPED",
                    "running",
                    "waiting");

    private static final JsonMapper JSON = JsonMapper.shared();

    /** To the millisecond, in UTC; what can be cited does not change while it is looked at. */
    public String moment(Instant at) {
        return MOMENT.format(at);
    }

    public String time(Instant at) {
        return UTC.format(at);
    }

    /**
     * The address of a build's page. Every character that could mean something in a path is
     * encoded, the semicolon too.
     */
    public String path(String builder, long buildNumber) {
        return "/builds/" + segment(builder) + "/" + buildNumber;
    }

    /** The address of those builders that have a tag, are of a project and in a state, or any. */
    public String pathOfBuilders(
            String path, @Nullable String tag, @Nullable String project, @Nullable String state) {
        UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
        if (tag != null) {
            address.queryParam("tag", segment(tag));
        }
        if (project != null) {
            address.queryParam("project", segment(project));
        }
        if (state != null) {
            address.queryParam("state", segment(state));
        }
        return address.build(true).toUriString();
    }

    /** The same, without so many of the first ones. */
    public String pathOfBuilders(
            String path,
            @Nullable String tag,
            @Nullable String project,
            @Nullable String state,
            int skip) {
        String all = pathOfBuilders(path, tag, project, state);
        return skip == 0
                ? all
                : UriComponentsBuilder.fromUriString(all)
                        .queryParam("skip", skip)
                        .build(true)
                        .toUriString();
    }

    /** The address of what waits, without so many of the first builders. */
    public String pathOfWaiting(String path, int skip) {
        return skip == 0 ? path : path + "?skip=" + skip;
    }

    /** The address of the changes before one, for those builders. */
    public String pathOfOlderChanges(long before, @Nullable String tag, @Nullable String project) {
        return UriComponentsBuilder.fromUriString(pathOfBuilders("/changes", tag, project, null))
                .queryParam("before", before)
                .build(true)
                .toUriString();
    }

    public String pathOfBuilder(String builder) {
        return "/builders/" + segment(builder);
    }

    public String pathOfBadge(String builder) {
        return "/badges/" + segment(builder) + ".svg";
    }

    public String pathOfFeed(String builder) {
        return "/feeds/builds.atom?builder=" + segment(builder);
    }

    public String pathOfScheduler(String scheduler) {
        return "/schedulers/" + segment(scheduler);
    }

    public String pathOfWorker(String worker) {
        return "/workers/" + segment(worker);
    }

    /** The address of a worker by the name that its master has for it. */
    public String pathOfWorker(String master, String worker) {
        return "/masters/" + segment(master) + "/workers/" + segment(worker);
    }

    /** The place of a master among all of them. */
    public String pathOfMaster(String master) {
        return "/masters#master-" + id(master);
    }

    /** The address of what is asked of a master. */
    public String pathOfMaster(String master, String command) {
        return "/masters/" + segment(master) + "/" + command;
    }

    /** What a name is where it has to be a part of an id: another for each name. */
    public String id(String name) {
        return HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8));
    }

    /** The address of the page of a build that goes by {@code BUILDER/NUMBER}. */
    public String pathOfBuild(String build) {
        int slash = build.lastIndexOf('/');
        return path(build.substring(0, slash), Long.parseLong(build.substring(slash + 1)));
    }

    /** The address of the story of something. */
    public String audit(String kind, String name) {
        return "/audit/" + kind + "/" + segment(name);
    }

    /** The address of the part of a story that is older than what a page tells. */
    public String older(Audit audit, @Nullable String since, int limit) {
        return "%s?limit=%d&until=%s%s"
                .formatted(
                        audit(audit.kind(), audit.name()),
                        limit,
                        segment(String.valueOf(audit.more())),
                        since == null || since.isBlank() ? "" : "&since=" + segment(since));
    }

    /** Why a worker is as it is; until when, if it is so by itself. */
    public String why(Views.Worker worker) {
        Views.Quarantined quarantine = worker.quarantine();
        return worker.state().equals("quarantined") && quarantine != null
                ? "until %s: %s".formatted(quarantine.until(), quarantine.reason())
                : worker.why();
    }

    /** A text as HTML, in which a page tells the times of ISO 8601 in its reader's zone. */
    public String told(String text) {
        return INSTANT.matcher(escaped(text))
                .replaceAll(it ->
                        "<time data-due datetime=\"%s\">%s</time>"
                                .formatted(it.group(), it.group()));
    }

    /**
     * The streams that the page of a build shows, as live.js reads them.
     *
     * @param triggered whatever the build has asked for
     */
    public String liveBuild(Views.Build build, List<?> triggered) {
        Stream<String> own =
                Stream.of(
                        Streams.build(build.builder(), build.buildNumber()),
                        Streams.buildRequest(build.requestId()));
        Stream<String> others =
                triggered.isEmpty() ? Stream.of("master") : Stream.of("master", "build-request");
        return Stream.concat(own, others).map(Shown::segment).collect(Collectors.joining(" "));
    }

    /** The stream that tells what a build is told while it runs, as live.js reads it. */
    public String liveInputs(Views.Build build) {
        return segment(Streams.build(build.builder(), build.buildNumber()));
    }

    /** The address of an artifact's bytes. */
    public String path(Views.Build build, Views.Artifact artifact) {
        String names =
                Stream.of(artifact.path().split("/", -1))
                        .map(Shown::segment)
                        .collect(Collectors.joining("/"));
        return "/artifacts/%s/%d/%s"
                .formatted(segment(build.builder()), build.buildNumber(), names);
    }

    /**
     * The name of a line of a log within its page. Logs whose names differ in odd characters share
     * theirs.
     */
    public String anchor(int step, String log, long line) {
        return "L%d-%s-%d".formatted(step, log.replaceAll("[^A-Za-z0-9_.]", "_"), line);
    }

    /** Of the day, in UTC. */
    public String minute(Instant at) {
        return MINUTE.format(at);
    }

    /** Of a bar of a {@link Waterfall}, in pixels. */
    public int barWidth() {
        return Waterfall.BAR;
    }

    /** What of a name has room over a bar. */
    public String narrow(String name) {
        return name.length() <= NARROW ? name : name.substring(0, NARROW - 1) + "…";
    }

    /** A text as it is, anything else as JSON; the beginning of what is long. */
    public String value(Object value) {
        String text = value instanceof String it ? it : JSON.writeValueAsString(value);
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }

    public static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Such as {@code 12 bytes} or {@code 1.2 MB}. */
    public String size(long bytes) {
        String[] units = {"kB", "MB", "GB", "TB"};
        double size = bytes;
        String unit = "bytes";
        for (int i = 0; i < units.length && size >= KILO; i++) {
            size /= KILO;
            unit = units[i];
        }
        return unit.equals("bytes")
                ? bytes + " bytes"
                : String.format(Locale.ROOT, "%.1f %s", size, unit);
    }

    /** What a link says that leads to the steps that are left out, or back to the others. */
    public String hiddenSteps(long count, boolean areShown) {
        String steps = count == 1 ? "1 hidden step" : count + " hidden steps";
        return areShown ? "Leave out " + steps : steps;
    }

    /** The words that have a mark of their own, and the two that share the last. */
    public List<String> legend() {
        return LEGEND;
    }

    /** A result in one character, for who can't tell colours apart. */
    public String mark(String word) {
        return switch (word) {
            case "SUCCESS" -> "✓";
            case "WARNINGS" -> "!";
            case "FAILURE" -> "✗";
            case "EXCEPTION" -> "⚡";
            case "RETRY" -> "↻";
            case "CANCELLED" -> "–";
            case "SKIPPED" -> "·";
            default -> "…";
        };
    }

    /** The last builds of a builder, each a mark that leads to it, as HTML. */
    public String strip(List<Views.Build> builds) {
        return builds.stream().map(this::markOf).collect(Collectors.joining());
    }

    private String markOf(Views.Build build) {
        String results = build.results();
        String word = results == null ? build.state() : results;
        return "<li><a href=\"%s\" class=\"%s\" title=\"%s\" aria-label=\"%s\">%s</a></li>"
                .formatted(
                        path(build.builder(), build.buildNumber()),
                        escaped(style(word)),
                        escaped(build.builder() + "/" + build.buildNumber() + " " + word),
                        escaped(build.buildNumber() + " " + word),
                        mark(word));
    }

    /** What the builders that have a column made of a change, as HTML. */
    public String cells(List<String> columns, ChangeGrid.Grid grid, Views.Change change) {
        return columns.stream()
                .map(builder ->
                        "<td class=\"cell\" data-label=\"%s\">%s</td>"
                                .formatted(
                                        escaped(builder),
                                        markOf(grid.cell(change.changeId(), builder))))
                .collect(Collectors.joining());
    }

    private String markOf(ChangeGrid.@Nullable Cell cell) {
        if (cell == null) {
            return "";
        }
        Long build = cell.buildNumber();
        String told = escaped(cell.builder() + ": " + cell.word());
        return "<a class=\"mark %s\" href=\"%s\" title=\"%s\" aria-label=\"%s\">%s</a>"
                .formatted(
                        escaped(style(cell.word())),
                        build == null
                                ? "/requests/" + cell.requestId()
                                : path(cell.builder(), build),
                        told,
                        told,
                        mark(cell.word()));
    }

    private static String escaped(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }

    /** Such as {@code 3 in a row}. */
    public String failures(BuilderStandings.Red red) {
        return (red.atLeast() ? "at least " : "") + red.failures() + " in a row";
    }

    /** How far a build is by how long such builds take, as a share of one that it never reaches. */
    public double done(BuilderStandings.Running running) {
        Duration usually = Objects.requireNonNull(running.usually());
        double gone = running.gone().toMillis();
        return Math.clamp(gone / Math.max(1, usually.toMillis()), 0, NEARLY_DONE);
    }

    public String usually(BuilderStandings.Running running) {
        Duration usually = running.usually();
        return usually == null
                ? "no build to compare with"
                : "usually " + duration(Instant.EPOCH, Instant.EPOCH.plus(usually));
    }

    public String revision(@Nullable String revision) {
        return revision == null ? "newest" : ShortRevision.of(revision);
    }

    /** Who it is, without an address. */
    public String nameOf(String author) {
        int address = author.indexOf('<');
        String name = address < 0 ? author : author.substring(0, address);
        return name.isBlank() ? author : name.strip();
    }

    public String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** Where a change's commit is shown; null if nobody knows. */
    public @Nullable String page(Views.Change change) {
        return isWebAddress(change.revlink())
                ? change.revlink()
                : RevisionPages.of(change.repository(), change.revision()).orElse(null);
    }

    /** Whether a link is one that leads to a page, and to nothing that runs. */
    public boolean isWebAddress(@Nullable String link) {
        return link != null && (link.startsWith("https://") || link.startsWith("http://"));
    }

    public String duration(@Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) {
            return "";
        }
        Duration took = Duration.between(from, to);
        if (took.compareTo(Duration.ofMinutes(1)) < 0) {
            return "%.1f s".formatted(took.toMillis() / 1000.0);
        }
        return took.toHours() == 0
                ? "%d min %02d s".formatted(took.toMinutes(), took.toSecondsPart())
                : "%d h %02d min".formatted(took.toHours(), took.toMinutesPart());
    }

    public String lease(double seconds) {
        return seconds >= 0
                ? "%.0f s left".formatted(seconds)
                : "ended %.0f s ago".formatted(-seconds);
    }

    /** How a master is, in one word: what people have asked of it goes before what it does. */
    public String state(Views.Master master) {
        if (!master.state().equals("live")) {
            return master.state();
        }
        if (master.leaseSeconds() < 0) {
            return "lapsed";
        }
        return master.drain() == null
                ? "live"
                : master.drain().equals("drain") ? "draining" : "stopping";
    }

    /** How a scheduler is, in one word. */
    public String state(SchedulerStatuses.Status scheduler) {
        if (scheduler.renamedTo() != null) {
            return "renamed";
        }
        return scheduler.enabled() ? "enabled" : "disabled";
    }

    /** How far a reader is behind the log, if it is. */
    public String lag(ReaderLag lag) {
        return lag.isBehind()
                ? "%,d %s behind, for %s"
                        .formatted(
                                lag.events(),
                                lag.events() == 1 ? "event" : "events",
                                duration(Instant.EPOCH, Instant.EPOCH.plus(lag.age())))
                : "up to date";
    }

    /** How far the readers of one master are behind, the farthest first. */
    public String reads(List<ReaderLag> lags) {
        List<ReaderLag> late =
                lags.stream()
                        .filter(ReaderLag::isBehind)
                        .sorted(Comparator.comparing(ReaderLag::age).reversed())
                        .toList();
        String readers = lags.size() == 1 ? "1 reader" : lags.size() + " readers";
        return late.isEmpty()
                ? readers + ", none behind"
                : "%s, of which %d behind: %s%s"
                        .formatted(
                                readers,
                                late.size(),
                                late.stream()
                                        .limit(MOST_READERS)
                                        .map(it -> reader(it.reader()) + " " + lag(it))
                                        .collect(Collectors.joining("; ")),
                                late.size() > MOST_READERS ? " …" : "");
    }

    private static String reader(String name) {
        return name.equals(ViewProjector.FOLLOWER) ? "the views" : name.replaceFirst("/", " ");
    }

    /** The stream of a scheduler, as live.js reads it. */
    public String liveScheduler(String scheduler) {
        return segment(Streams.scheduler(scheduler));
    }

    /** How many lines a list of choices takes. */
    public int lines(List<String> choices) {
        return Math.clamp(choices.size(), FEWEST_LINES, MOST_LINES);
    }

    /** Whether a builder is one of these. */
    public boolean isAmong(List<Divergence> diverging, String builder) {
        return diverging.stream().anyMatch(it -> it.builder().equals(builder));
    }

    /** As in {@code b1, b2}. */
    public String masters(PublishedBuilder builder) {
        return builder.masters().stream()
                .map(PublishedFingerprint::master)
                .collect(Collectors.joining(", "));
    }

    /** As in {@code b1 0123456789ab, b2 cafe00112233}. */
    public String fingerprints(PublishedBuilder builder) {
        return new Fingerprints(builder.masters()).told();
    }

    /** That there is no builder of those that were asked for. */
    public String noBuilder(
            @Nullable String tag, @Nullable String project, @Nullable String state) {
        String builder =
                "%s%s"
                        .formatted(
                                tag == null ? "" : " with tag " + tag,
                                project == null ? "" : " of project " + project);
        return state == null
                ? "There is no builder%s.".formatted(builder)
                : "No builder%s is %s.".formatted(builder, state);
    }

    /** A word as the name of a style. */
    public String style(String word) {
        return word.toLowerCase(Locale.ROOT).replace(' ', '-');
    }

    /** A line of a log, as parts of one look each. */
    public List<TerminalText.Span> spans(String line) {
        return TerminalText.of(line);
    }
}
