package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredScheduler.AnyBranch;
import io.buildledger.configuring.ConfiguredScheduler.Codebases;
import io.buildledger.configuring.ConfiguredScheduler.Dependent;
import io.buildledger.configuring.ConfiguredScheduler.Filter;
import io.buildledger.configuring.ConfiguredScheduler.Force;
import io.buildledger.configuring.ConfiguredScheduler.Nightly;
import io.buildledger.configuring.ConfiguredScheduler.NightlyTriggerable;
import io.buildledger.configuring.ConfiguredScheduler.OnCalendar;
import io.buildledger.configuring.ConfiguredScheduler.OnChanges;
import io.buildledger.configuring.ConfiguredScheduler.Periodic;
import io.buildledger.configuring.ConfiguredScheduler.Priority;
import io.buildledger.configuring.ConfiguredScheduler.SingleBranch;
import io.buildledger.configuring.ConfiguredScheduler.Triggerable;
import io.buildledger.configuring.ConfiguredScheduler.Try;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.ImportantFiles;
import io.buildledger.domain.changing.PathGlob;
import io.buildledger.domain.changing.TextPattern;
import io.buildledger.domain.changing.TextRule;
import io.buildledger.domain.scheduling.AnyBranchScheduler;
import io.buildledger.domain.scheduling.Calendar;
import io.buildledger.domain.scheduling.CatchUp;
import io.buildledger.domain.scheduling.ChangeRules;
import io.buildledger.domain.scheduling.CodebaseDefaults;
import io.buildledger.domain.scheduling.Cron;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.ForceParameter;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.NightlyScheduler;
import io.buildledger.domain.scheduling.NightlyTriggerableScheduler;
import io.buildledger.domain.scheduling.PeriodicScheduler;
import io.buildledger.domain.scheduling.PriorityRule;
import io.buildledger.domain.scheduling.Scheduler;
import io.buildledger.domain.scheduling.SchedulerSettings;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.domain.scheduling.TriggerableScheduler;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.filtering.OneOrMore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler that a file describes, ready to decide.
 *
 * @param digest SHA-256 of its configuration, in hexadecimal: the same for files that say the same,
 *     and for later versions that know more keys
 * @param configuration as JSON
 * @param renamedFrom the name that it had before, or null
 * @param startAtChange number of the first change that it sees if it is new, or null for those that
 *     come after its first start
 */
public record BoundScheduler(
        Scheduler scheduler,
        String digest,
        String configuration,
        @Nullable String renamedFrom,
        @Nullable Long startAtChange) {

    /**
     * @param others all that the file has, among them the ones that this may follow
     */
    static BoundScheduler of(
            ConfiguredScheduler configured, Collection<ConfiguredScheduler> others) {
        byte[] canonical = CanonicalForm.of(configured);
        return new BoundScheduler(
                scheduler(configured, others),
                DigestUtils.sha256Hex(canonical),
                new String(canonical, StandardCharsets.UTF_8),
                configured.renamedFrom(),
                configured.startAtChange());
    }

    /**
     * The schedulers whose configurations the log has, ready to decide as they did.
     *
     * @param configurations as JSON, of those in force at the same time
     * @throws IllegalArgumentException if one is not what was recorded
     */
    public static List<BoundScheduler> recorded(Collection<String> configurations) {
        List<ConfiguredScheduler> all =
                configurations.stream()
                        .map(it -> CanonicalForm.read(it, ConfiguredScheduler.class))
                        .toList();
        return all.stream().map(it -> of(it, all)).toList();
    }

    public String name() {
        return scheduler.name();
    }

    private static Scheduler scheduler(
            ConfiguredScheduler configured, Collection<ConfiguredScheduler> others) {
        return switch (configured) {
            case SingleBranch it ->
                    new SingleBranchScheduler(
                            settings(it, null), rules(it), positive(it.treeStableTimer()));
            case AnyBranch it ->
                    new AnyBranchScheduler(
                            settings(it, null), rules(it), positive(it.treeStableTimer()));
            case Dependent it -> new DependentScheduler(settings(it, null), upstream(it, others));
            case Periodic it ->
                    new PeriodicScheduler(
                            settings(it, it.branch()),
                            rules(it),
                            it.onlyIfChanged(),
                            Objects.requireNonNull(it.periodicBuildTimer()));
            case Nightly it ->
                    new NightlyScheduler(
                            settings(it, it.branch()),
                            rules(it),
                            it.onlyIfChanged(),
                            calendar(it),
                            it.forceAt() == null ? null : Cron.parse(it.forceAt()));
            case Triggerable it -> new TriggerableScheduler(settings(it, null));
            case NightlyTriggerable it ->
                    new NightlyTriggerableScheduler(settings(it, null), calendar(it));
            case Force it ->
                    new ForceScheduler(
                            settings(it, null),
                            Objects.requireNonNullElse(it.label(), it.name()),
                            Objects.requireNonNullElse(it.buttonName(), "Force"),
                            it.parameters().stream().map(one -> parameter(one, it)).toList(),
                            it.reasonRequired());
            case Try it -> new TryScheduler(settings(it, null));
        };
    }

    /**
     * @param branch of the codebases that name none themselves, or null
     */
    private static SchedulerSettings settings(
            ConfiguredScheduler configured, @Nullable String branch) {
        return new SchedulerSettings(
                configured.name(),
                configured.builderNames(),
                codebases(configured.codebases(), branch),
                configured.properties(),
                Objects.requireNonNullElse(configured.reason(), ""),
                priority(configured.priority()),
                configured.queueTimeout());
    }

    private static NavigableMap<String, CodebaseDefaults> codebases(
            @Nullable Codebases configured, @Nullable String branch) {
        NavigableMap<String, CodebaseDefaults> codebases =
                new TreeMap<>(SchedulerSettings.ONE_CODEBASE);
        if (configured != null) {
            codebases.clear();
            configured.byName().forEach((name, it) -> codebases.put(name, it.toDomain()));
        }
        if (branch != null) {
            codebases.replaceAll((_, it) ->
                    it.branch() != null
                            ? it
                            : new CodebaseDefaults(
                                    it.repository(), branch, it.revision(), it.project()));
        }
        return codebases;
    }

    private static PriorityRule priority(Priority priority) {
        return new PriorityRule(
                priority.byDefault(),
                priority.byBranch().stream()
                        .map(it ->
                                new PriorityRule.OfBranch(
                                        new TextPattern(Objects.requireNonNull(it.branch())),
                                        it.priority()))
                        .toList());
    }

    private static ChangeRules rules(OnChanges configured) {
        ConfiguredScheduler.ImportantFiles files = configured.fileIsImportant();
        String branch = configured.branch();
        return new ChangeRules(
                branch == null
                        ? filter(configured.changeFilter())
                        : onBranch(branch, filter(configured.changeFilter())),
                files == null
                        ? ImportantFiles.ALL
                        : new ImportantFiles(globs(files.include()), globs(files.exclude())),
                configured.onlyImportant(),
                configured.createAbsoluteSourceStamps());
    }

    private static ChangeFilter onBranch(String branch, ChangeFilter others) {
        return new ChangeFilter(
                others.project(),
                others.repository(),
                TextRule.oneOf(branch),
                others.category(),
                others.codebase(),
                others.properties());
    }

    private static ChangeFilter filter(@Nullable Filter it) {
        return it == null ? ChangeFilter.ALL : it.toDomain();
    }

    private static List<PathGlob> globs(@Nullable OneOrMore globs) {
        return OneOrMore.valuesOf(globs).stream().map(PathGlob::new).toList();
    }

    private static @Nullable Duration positive(@Nullable Duration duration) {
        return duration == null || duration.isZero() ? null : duration;
    }

    /** What is under way when the other is renamed is followed, too. */
    private static Set<String> upstream(
            Dependent configured, Collection<ConfiguredScheduler> others) {
        Set<String> upstream = new HashSet<>();
        upstream.add(Objects.requireNonNull(configured.upstream()));
        for (ConfiguredScheduler other : others) {
            String former = other.renamedFrom();
            if (former != null && other.name().equals(configured.upstream())) {
                upstream.add(former);
            }
        }
        return upstream;
    }

    private static Calendar calendar(OnCalendar configured) {
        return new Calendar(
                cron(configured),
                ZoneId.of(configured.timeZone()),
                switch (configured.catchUp()) {
                    case ONCE -> CatchUp.ONCE;
                    case NONE -> CatchUp.NONE;
                });
    }

    /**
     * @throws IllegalArgumentException if there is no such moment; the message names the field
     */
    static Cron cron(OnCalendar configured) {
        String line = configured.cron();
        return line != null
                ? Cron.parse(line)
                : Cron.of(
                        field(configured.minute(), "0"),
                        field(configured.hour(), "*"),
                        field(configured.dayOfMonth(), "*"),
                        field(configured.month(), "*"),
                        field(configured.dayOfWeek(), "*"));
    }

    private static String field(@Nullable OneOrMore values, String byDefault) {
        return values == null ? byDefault : String.join(",", values.values());
    }

    private static ForceParameter parameter(ConfiguredParameter configured, Force of) {
        String label = Objects.requireNonNullElse(configured.label(), configured.name());
        return switch (configured) {
            case ConfiguredParameter.Line it ->
                    new ForceParameter.Text(
                            it.name(),
                            label,
                            it.byDefault(),
                            it.required(),
                            false,
                            pattern(it.regex()),
                            it.maxSize());
            case ConfiguredParameter.Lines it ->
                    new ForceParameter.Text(
                            it.name(),
                            label,
                            it.byDefault(),
                            it.required(),
                            true,
                            pattern(it.regex()),
                            it.maxSize());
            case ConfiguredParameter.Whole it ->
                    new ForceParameter.Whole(
                            it.name(), label, it.byDefault(), it.required(), it.min(), it.max());
            case ConfiguredParameter.Flag it ->
                    new ForceParameter.Flag(it.name(), label, it.byDefault());
            case ConfiguredParameter.Choice it ->
                    new ForceParameter.Choice(
                            it.name(),
                            label,
                            it.choices(),
                            OneOrMore.valuesOf(it.byDefault()),
                            it.required(),
                            it.multiple(),
                            it.strict());
            case ConfiguredParameter.UserName it ->
                    new ForceParameter.UserName(
                            it.name(), label, it.byDefault(), it.required(), it.needEmail());
            case ConfiguredParameter.Fixed it ->
                    new ForceParameter.Fixed(it.name(), Objects.requireNonNull(it.value()));
            case ConfiguredParameter.OfCodebase it ->
                    new ForceParameter.Codebase(
                            it.name(),
                            label.isEmpty() ? "source" : label,
                            codebases(of.codebases(), null)
                                    .getOrDefault(it.name(), CodebaseDefaults.NONE),
                            Set.copyOf(it.fixed()),
                            Set.copyOf(it.required()));
            case ConfiguredParameter.Nested it ->
                    new ForceParameter.Nested(
                            it.name(),
                            label,
                            it.fields().stream().map(one -> parameter(one, of)).toList());
        };
    }

    private static @Nullable TextPattern pattern(@Nullable String regex) {
        return regex == null ? null : new TextPattern(regex);
    }
}
