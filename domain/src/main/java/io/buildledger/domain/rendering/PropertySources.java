package io.buildledger.domain.rendering;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.requesting.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who gives a build its properties before its first step. They are set in the order of the table,
 * and what is set later counts; only defaults leave alone what is set. This is the order of
 * Buildbot 4.3.0.
 *
 * <table>
 * <caption>From the weakest to the strongest</caption>
 * <tr><th>set</th><th>source</th></tr>
 * <tr><td>properties of the whole configuration</td><td>Configuration</td></tr>
 * <tr><td>the buildset's: of its scheduler, its changes, and a trigger, a form or a patch</td>
 *     <td>as the buildset has it: Scheduler, Change, Force Build Form, …</td></tr>
 * <tr><td><code>scheduler</code></td><td>Scheduler</td></tr>
 * <tr><td><code>buildername</code>, the builder's properties, its defaults</td><td>Builder</td></tr>
 * <tr><td><code>workername</code>, the worker's properties, its defaults</td><td>Worker</td></tr>
 * <tr><td><code>owners</code>, <code>buildnumber</code>; with exactly one source stamp
 *     <code>branch</code>, <code>revision</code>, <code>repository</code>, <code>codebase</code>,
 *     <code>project</code></td><td>Build</td></tr>
 * <tr><td><code>basedir</code>, <code>builddir</code>: see {@link BuildProperties#withDirectories}</td>
 *     <td>Worker</td></tr>
 * <tr><td>what a step sets</td><td>the step's name</td></tr>
 * </table>
 *
 * <p>So a worker's property replaces a builder's, and a worker's default is used only where not
 * even the builder has a default. A build of several codebases, or of none, has {@code branch} and
 * its like only if somebody sets them. With one, they are what the stamp says: if it has no branch,
 * there is no {@code branch}, whoever else has set one.
 *
 * @param global those of all builds
 * @param buildNumber the build's number within its builder
 */
public record PropertySources(
        Map<String, ? extends @Nullable Object> global,
        Ordered ordered,
        Configured builder,
        Configured worker,
        long buildNumber) {

    private static final String BY_BUILD = "Build";

    /**
     * What the buildset says.
     *
     * @param scheduler its name, or null if no scheduler has asked for the build
     * @param properties in which the scheduler, the changes and whoever asked are merged already
     * @param changeAuthors of all changes of the buildset, in any order
     */
    public record Ordered(
            @Nullable String scheduler,
            Map<String, Property> properties,
            List<SourceStamp> sourceStamps,
            Set<String> changeAuthors) {}

    /**
     * A builder or a worker.
     *
     * @param defaultProperties set where nobody before has set one of the name
     */
    public record Configured(
            String name,
            Map<String, ? extends @Nullable Object> properties,
            Map<String, ? extends @Nullable Object> defaultProperties) {

        public static Configured named(String name) {
            return new Configured(name, Map.of(), Map.of());
        }

        private BuildProperties on(BuildProperties before, String nameOfName, String source) {
            return before.with(nameOfName, name, source)
                    .with(properties, source)
                    .withDefaults(defaultProperties, source);
        }
    }

    /**
     * What the first step finds.
     *
     * @throws IllegalArgumentException as {@link BuildProperties#with} does
     */
    public BuildProperties merged() {
        BuildProperties result =
                BuildProperties.NONE.with(global, "Configuration").with(ordered.properties());
        if (ordered.scheduler() != null) {
            result = result.with("scheduler", ordered.scheduler(), "Scheduler");
        }
        result = builder.on(result, "buildername", "Builder");
        result = worker.on(result, "workername", "Worker");
        List<String> owners = owners();
        if (!owners.isEmpty()) {
            result = result.with("owners", owners, BY_BUILD);
        }
        result = result.with("buildnumber", buildNumber, BY_BUILD);
        return ordered.sourceStamps().size() == 1
                ? withStamp(result, ordered.sourceStamps().getFirst())
                : result;
    }

    private static BuildProperties withStamp(BuildProperties before, SourceStamp stamp) {
        return before.with("branch", stamp.branch(), BY_BUILD)
                .with("revision", stamp.revision(), BY_BUILD)
                .with("repository", stamp.repository(), BY_BUILD)
                .with("codebase", stamp.codebase(), BY_BUILD)
                .with("project", stamp.project(), BY_BUILD);
    }

    /** Who wrote what is built, and who asked for it. */
    private List<String> owners() {
        Set<String> owners = new TreeSet<>(ordered.changeAuthors());
        for (SourceStamp stamp : ordered.sourceStamps()) {
            if (stamp.patch() != null) {
                owners.add(stamp.patch().author());
            }
        }
        Property owner = ordered.properties().get("owner");
        if (owner != null && owner.value() instanceof String name) {
            owners.add(name);
        }
        owners.remove("");
        return new ArrayList<>(owners);
    }
}
