package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.SourceStampFilter;
import io.buildledger.domain.scheduling.AnyBranchScheduler;
import io.buildledger.domain.scheduling.CodebaseDefaults;
import io.buildledger.domain.scheduling.DependentScheduler;
import io.buildledger.domain.scheduling.ForceScheduler;
import io.buildledger.domain.scheduling.NightlyScheduler;
import io.buildledger.domain.scheduling.NightlyTriggerableScheduler;
import io.buildledger.domain.scheduling.PeriodicScheduler;
import io.buildledger.domain.scheduling.SingleBranchScheduler;
import io.buildledger.domain.scheduling.TriggerableScheduler;
import io.buildledger.domain.scheduling.TryScheduler;
import io.buildledger.filtering.FieldRule;
import io.buildledger.filtering.OneOrMore;
import io.buildledger.filtering.PropertyRules;
import io.buildledger.filtering.SourceStampRules;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What decides on builds, as it is written. Every scheduler has these keys:
 *
 * <ul>
 *   <li>{@code name}: unique in the cluster
 *   <li>{@code builder_names}: what each firing builds
 *   <li>{@code codebases}: what belongs into a buildset, and the source of each where there is no
 *       change; without it one of the empty name
 *   <li>{@code properties}: of every buildset
 *   <li>{@code reason}: of every buildset, in which {@code %(name)s} stands for the scheduler's
 *       name; one that says what happened by default
 *   <li>{@code priority}: a number, or by branch; default 0
 *   <li>{@code queue_timeout}: how long a request may wait for a claim before it ends as EXCEPTION;
 *       for ever by default
 *   <li>{@code renamed_from}: the name that it had before, whose pending changes and timers it
 *       takes over
 *   <li>{@code start_at_change}: number of the first change that a new scheduler sees; by default
 *       it sees what comes after its first start
 * </ul>
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
    @JsonSubTypes.Type(
            value = ConfiguredScheduler.SingleBranch.class,
            name = SingleBranchScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.AnyBranch.class, name = AnyBranchScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.Dependent.class, name = DependentScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.Periodic.class, name = PeriodicScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.Nightly.class, name = NightlyScheduler.TYPE),
    @JsonSubTypes.Type(
            value = ConfiguredScheduler.Triggerable.class,
            name = TriggerableScheduler.TYPE),
    @JsonSubTypes.Type(
            value = ConfiguredScheduler.NightlyTriggerable.class,
            name = NightlyTriggerableScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.Force.class, name = ForceScheduler.TYPE),
    @JsonSubTypes.Type(value = ConfiguredScheduler.Try.class, name = TryScheduler.TYPE)
})
// The keys stand in each record, because records have no fields in common, and Jackson does not
// tell
// of unknown keys in what it unwraps.
public sealed interface ConfiguredScheduler {

    String UTC = "UTC";

    String name();

    List<String> builderNames();

    @Nullable Codebases codebases();

    Map<String, Object> properties();

    @Nullable String reason();

    Priority priority();

    @Nullable Duration queueTimeout();

    @Nullable String renamedFrom();

    @Nullable Long startAtChange();

    /** What takes changes, and which. */
    sealed interface OnChanges extends ConfiguredScheduler {

        /** The branch to which it is limited, or null. */
        @Nullable String branch();

        @Nullable Filter changeFilter();

        @Nullable ImportantFiles fileIsImportant();

        boolean onlyImportant();

        boolean createAbsoluteSourceStamps();
    }

    /** What wakes at moments of a calendar. */
    sealed interface OnCalendar extends ConfiguredScheduler {

        @Nullable String cron();

        @Nullable OneOrMore minute();

        @Nullable OneOrMore hour();

        @Nullable OneOrMore dayOfMonth();

        @Nullable OneOrMore month();

        @Nullable OneOrMore dayOfWeek();

        String timeZone();

        CatchUp catchUp();
    }

    /**
     * @param branch short for a {@code change_filter} on this branch alone
     * @param treeStableTimer how long the tree must be quiet; by default each change fires at once
     */
    record SingleBranch(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable String branch,
            @Nullable Filter changeFilter,
            @Nullable ImportantFiles fileIsImportant,
            boolean onlyImportant,
            boolean createAbsoluteSourceStamps,
            @Nullable Duration treeStableTimer)
            implements OnChanges {

        public SingleBranch {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }
    }

    /**
     * @param treeStableTimer how long a branch must be quiet; by default each change fires at once
     */
    record AnyBranch(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable Filter changeFilter,
            @Nullable ImportantFiles fileIsImportant,
            boolean onlyImportant,
            boolean createAbsoluteSourceStamps,
            @Nullable Duration treeStableTimer)
            implements OnChanges {

        public AnyBranch {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }

        @Override
        public @Nullable String branch() {
            return null;
        }
    }

    /**
     * @param upstream name of the scheduler whose good buildsets it builds, too
     */
    record Dependent(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable String upstream)
            implements ConfiguredScheduler {

        public Dependent {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }
    }

    /**
     * @param periodicBuildTimer from one build to the next
     * @param onlyIfChanged whether to build only what has changed
     * @param branch limits the changes that it takes, and is built where there is none
     */
    record Periodic(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable Duration periodicBuildTimer,
            boolean onlyIfChanged,
            @Nullable String branch,
            @Nullable Filter changeFilter,
            @Nullable ImportantFiles fileIsImportant,
            boolean onlyImportant,
            boolean createAbsoluteSourceStamps)
            implements OnChanges {

        public Periodic {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }
    }

    /**
     * @param cron the five fields in one text; or each in a key of its own, of which minute is 0 by
     *     default and the others are {@code *}
     * @param timeZone whose wall clock counts; default UTC
     * @param catchUp what becomes of a moment at which no master was up; default {@code once}
     * @param onlyIfChanged whether to build only what has changed
     * @param forceAt as {@code cron}: those of the moments at which it builds even so
     * @param branch limits the changes that it takes, and is built where there is none
     */
    record Nightly(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable String cron,
            @Nullable OneOrMore minute,
            @Nullable OneOrMore hour,
            @Nullable OneOrMore dayOfMonth,
            @Nullable OneOrMore month,
            @Nullable OneOrMore dayOfWeek,
            String timeZone,
            CatchUp catchUp,
            boolean onlyIfChanged,
            @Nullable String forceAt,
            @Nullable String branch,
            @Nullable Filter changeFilter,
            @Nullable ImportantFiles fileIsImportant,
            boolean onlyImportant,
            boolean createAbsoluteSourceStamps)
            implements OnChanges, OnCalendar {

        public Nightly {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
            timeZone = timeZone == null ? UTC : timeZone;
            catchUp = catchUp == null ? CatchUp.ONCE : catchUp;
        }
    }

    /** Builds when another build asks for it. */
    record Triggerable(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange)
            implements ConfiguredScheduler {

        public Triggerable {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }
    }

    /** Builds at its moments what another build has last asked for. */
    record NightlyTriggerable(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable String cron,
            @Nullable OneOrMore minute,
            @Nullable OneOrMore hour,
            @Nullable OneOrMore dayOfMonth,
            @Nullable OneOrMore month,
            @Nullable OneOrMore dayOfWeek,
            String timeZone,
            CatchUp catchUp)
            implements OnCalendar {

        public NightlyTriggerable {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
            timeZone = timeZone == null ? UTC : timeZone;
            catchUp = catchUp == null ? CatchUp.ONCE : catchUp;
        }
    }

    /**
     * @param label what people call the form; default the name
     * @param buttonName what they press; default {@code Force}
     * @param reasonRequired whether who asks has to say why
     * @param parameters what else they may enter
     */
    record Force(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange,
            @Nullable String label,
            @Nullable String buttonName,
            boolean reasonRequired,
            List<ConfiguredParameter> parameters)
            implements ConfiguredScheduler {

        public Force {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
            parameters = orEmpty(parameters);
        }
    }

    /** Builds patches that developers send. */
    record Try(
            String name,
            List<String> builderNames,
            @Nullable Codebases codebases,
            Map<String, Object> properties,
            @Nullable String reason,
            Priority priority,
            @Nullable Duration queueTimeout,
            @Nullable String renamedFrom,
            @Nullable Long startAtChange)
            implements ConfiguredScheduler {

        public Try {
            builderNames = orEmpty(builderNames);
            properties = orEmpty(properties);
            priority = priority == null ? Priority.ZERO : priority;
        }
    }

    /** What becomes of a moment that passed while no master was up. */
    enum CatchUp {
        @JsonProperty("once")
        ONCE,
        @JsonProperty("none")
        NONE
    }

    /** The source of each codebase where there is no change; written as a list of names, too. */
    record Codebases(Map<String, CodebaseSource> byName) {}

    /** Absent fields are whatever the builder's own configuration names. */
    record CodebaseSource(
            String repository, @Nullable String branch, @Nullable String revision, String project) {

        static final CodebaseSource NOTHING_KNOWN = new CodebaseSource("", null, null, "");

        public CodebaseSource {
            repository = repository == null ? "" : repository;
            project = project == null ? "" : project;
        }

        CodebaseDefaults toDomain() {
            return new CodebaseDefaults(repository, branch, revision, project);
        }
    }

    /**
     * Written as a number, or as these two.
     *
     * @param byDefault where no pattern matches; default 0
     * @param byBranch the first counts whose pattern a branch of the source stamps matches
     */
    record Priority(
            @JsonProperty("default") int byDefault,
            // As asWritten writes it, whatever reads it.
            @JsonAlias("by_branch") List<OfBranch> byBranch) {

        static final Priority ZERO = new Priority(0, List.of());

        @JsonCreator
        public Priority {
            byBranch = orEmpty(byBranch);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        static Priority of(int number) {
            return new Priority(number, List.of());
        }

        /** In the shortest way, which is that of versions that knew numbers only. */
        @JsonValue
        Object asWritten() {
            return byBranch.isEmpty()
                    ? byDefault
                    : Map.of("default", byDefault, "by_branch", byBranch);
        }

        /**
         * @param branch a regular expression, which a branch matches as a whole
         */
        record OfBranch(@Nullable String branch, int priority) {}
    }

    /**
     * Which changes pass. Each key is one text or a list of them; an absent one lets everything
     * pass. Regular expressions match as a whole.
     */
    record Filter(
            @Nullable OneOrMore project,
            @Nullable OneOrMore projectNotEq,
            @Nullable OneOrMore projectRe,
            @Nullable OneOrMore projectNotRe,
            @Nullable OneOrMore repository,
            @Nullable OneOrMore repositoryNotEq,
            @Nullable OneOrMore repositoryRe,
            @Nullable OneOrMore repositoryNotRe,
            @Nullable OneOrMore branch,
            @Nullable OneOrMore branchNotEq,
            @Nullable OneOrMore branchRe,
            @Nullable OneOrMore branchNotRe,
            @Nullable OneOrMore category,
            @Nullable OneOrMore categoryNotEq,
            @Nullable OneOrMore categoryRe,
            @Nullable OneOrMore categoryNotRe,
            @Nullable OneOrMore codebase,
            @Nullable OneOrMore codebaseNotEq,
            @Nullable OneOrMore codebaseRe,
            @Nullable OneOrMore codebaseNotRe,
            Map<String, OneOrMore> property,
            Map<String, OneOrMore> propertyNotEq,
            Map<String, OneOrMore> propertyRe,
            Map<String, OneOrMore> propertyNotRe) {

        public Filter {
            property = orEmpty(property);
            propertyNotEq = orEmpty(propertyNotEq);
            propertyRe = orEmpty(propertyRe);
            propertyNotRe = orEmpty(propertyNotRe);
        }

        boolean isOnBranches() {
            return sourceStamp().branch().isGiven();
        }

        private SourceStampRules sourceStamp() {
            return new SourceStampRules(
                    new FieldRule(project, projectNotEq, projectRe, projectNotRe),
                    new FieldRule(repository, repositoryNotEq, repositoryRe, repositoryNotRe),
                    new FieldRule(branch, branchNotEq, branchRe, branchNotRe),
                    new FieldRule(codebase, codebaseNotEq, codebaseRe, codebaseNotRe));
        }

        private FieldRule categoryRule() {
            return new FieldRule(category, categoryNotEq, categoryRe, categoryNotRe);
        }

        private PropertyRules properties() {
            return new PropertyRules(property, propertyNotEq, propertyRe, propertyNotRe);
        }

        ChangeFilter toDomain() {
            SourceStampFilter stamps = sourceStamp().toDomain();
            return new ChangeFilter(
                    stamps.project(),
                    stamps.repository(),
                    stamps.branch(),
                    categoryRule().toDomain(),
                    stamps.codebase(),
                    properties().toDomain());
        }

        /**
         * Tells of each regular expression that is none.
         *
         * @param problems takes the key that is wrong, and what is wrong with it
         */
        void check(BiConsumer<String, String> problems) {
            sourceStamp().check(problems);
            categoryRule().check("category", problems);
            properties().check(problems);
        }
    }

    /**
     * Which changes are worth a build: those with a file that matches one of {@code include}, by
     * default every file, and none of {@code exclude}. {@code *} is any characters within a
     * directory, {@code **} any directories, too.
     */
    record ImportantFiles(@Nullable OneOrMore include, @Nullable OneOrMore exclude) {}

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static <T> Map<String, T> orEmpty(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : map;
    }
}
