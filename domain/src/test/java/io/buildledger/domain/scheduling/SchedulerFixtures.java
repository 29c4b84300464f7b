package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.ChangeFilter;
import io.buildledger.domain.changing.ImportantFiles;
import io.buildledger.domain.changing.PathGlob;
import io.buildledger.domain.changing.TextRule;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Settings and rules that the tables have in common. */
final class SchedulerFixtures {

    static final SchedulerSettings MAIN = SchedulerSettings.of("main", "linux", "windows");

    static final ImportantFiles NO_DOCS =
            new ImportantFiles(List.of(), List.of(new PathGlob("docs/")));

    /** Takes every change; those of the documentation are not important. */
    static final ChangeRules RULES = new ChangeRules(ChangeFilter.ALL, NO_DOCS, false, false);

    static final ChangeRules MAIN_ONLY =
            new ChangeRules(ChangeFilter.onBranch(TextRule.oneOf("main")), NO_DOCS, false, false);

    static final ChangeRules ONLY_IMPORTANT =
            new ChangeRules(ChangeFilter.ALL, NO_DOCS, true, false);

    static final ChangeRules ABSOLUTE = new ChangeRules(ChangeFilter.ALL, NO_DOCS, false, true);

    /** Codebase app at {@code stable}, codebase lib with no more than a repository. */
    static final NavigableMap<String, CodebaseDefaults> APP_AND_LIB =
            new TreeMap<>(
                    Map.of(
                            "app", new CodebaseDefaults("app.git", "stable", "12345", "apps"),
                            "lib", new CodebaseDefaults("lib.git", null, null, "")));

    static SchedulerSettings main(NavigableMap<String, CodebaseDefaults> codebases) {
        return new SchedulerSettings(
                "main", List.of("linux"), codebases, Map.of(), "", PriorityRule.of(0), null);
    }

    private SchedulerFixtures() {}
}
