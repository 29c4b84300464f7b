package io.buildledger.configuring;

import io.buildledger.configuring.ConfiguredService.FailingBuildsets;
import io.buildledger.configuring.ConfiguredService.FailuresOf;
import io.buildledger.configuring.ConfiguredService.OldBuilds;
import io.buildledger.configuring.ConfiguredService.OldBuildsOf;
import io.buildledger.configuring.ConfiguredService.StampFilter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a service that parses can still have wrong. */
final class ServiceCheck {

    /** Tells what is wrong with the builders that a list names. */
    interface BuilderNames {
        void check(String pointer, List<String> builders);
    }

    private final String at;
    private final String called;
    private final SchedulerCheck.Told told;
    private final BuilderNames builderNames;

    /**
     * @param at pointer of the service's keys
     * @param called how messages name it
     */
    ServiceCheck(String at, String called, SchedulerCheck.Told told, BuilderNames builderNames) {
        this.at = at;
        this.called = called;
        this.told = told;
        this.builderNames = builderNames;
    }

    void check(ConfiguredService service) {
        switch (service) {
            case OldBuilds it -> {
                requireFilters(it.filters());
                for (int i = 0; i < it.filters().size(); i++) {
                    @Nullable OldBuildsOf filter = it.filters().get(i);
                    if (filter == null) {
                        empty(i);
                    } else {
                        filter(i, filter.builderNames(), filter.sourceStampFilter());
                    }
                }
            }
            case FailingBuildsets it -> {
                requireFilters(it.filters());
                for (int i = 0; i < it.filters().size(); i++) {
                    @Nullable FailuresOf filter = it.filters().get(i);
                    if (filter == null) {
                        empty(i);
                    } else {
                        filter(i, filter.builderNames(), filter.sourceStampFilter());
                        ended(i, filter.cancelBuilderNames());
                    }
                }
            }
        }
    }

    private void requireFilters(List<?> filters) {
        if (filters.isEmpty()) {
            told.missing(
                    at,
                    "filters",
                    called + ": filters is missing: write filters: [{builder_names: [...]}]");
        }
    }

    private void empty(int index) {
        told.problem(within(index), called + ": a filter is empty: write {builder_names: [...]}");
    }

    private String within(int index) {
        return at + "/filters/" + index;
    }

    private void filter(int index, List<String> builders, @Nullable StampFilter stamps) {
        String within = within(index);
        if (builders.isEmpty()) {
            told.missing(
                    within,
                    "builder_names",
                    called + ": builder_names is missing: name at least one builder");
        }
        builderNames.check(within + "/builder_names", builders);
        if (stamps != null) {
            stamps.rules()
                    .check((key, message) ->
                            told.problem(
                                    within + "/source_stamp_filter/" + key,
                                    called + ": " + message));
        }
    }

    private void ended(int index, @Nullable List<String> builders) {
        String list = within(index) + "/cancel_builder_names";
        if (builders != null && builders.isEmpty()) {
            told.problem(
                    list,
                    called
                            + ": cancel_builder_names is empty: name at least one builder, or leave it out for all others of the buildset");
        } else if (builders != null) {
            builderNames.check(list, builders);
        }
    }
}
