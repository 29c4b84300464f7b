package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.Access.Role;
import io.buildledger.configuring.Access.Who;
import io.buildledger.domain.changing.TextPattern;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What roles give to whom. */
final class Permissions {

    /** What one role is for. */
    private record Given(Role role, @Nullable TextPattern builders) {

        private boolean isForEveryone() {
            return role.who() == Who.EVERYONE;
        }

        private boolean isFor(@Nullable Person person, Set<String> groups) {
            return person != null
                    && (role.who() == Who.LOGGED_IN
                            || role.users().contains(person.name())
                            || role.groups().stream().anyMatch(groups::contains));
        }

        private boolean gives(Act act) {
            return role.may().contains(act) || role.may().contains(Act.EVERYTHING);
        }

        private boolean covers(String builder, @Nullable String project) {
            if (role.isForAllBuilders() || builder.isEmpty()) {
                return role.isForAllBuilders();
            }
            return role.builders().contains(builder)
                    || (builders != null && builders.matches(builder))
                    || (project != null && role.projects().contains(project));
        }
    }

    private final List<Given> roles;
    private final Map<String, List<String>> groups;
    private final Function<Collection<String>, Map<String, String>> projects;

    /**
     * @param projects the project of each of some builders that is of one
     */
    Permissions(Access access, Function<Collection<String>, Map<String, String>> projects) {
        roles =
                access.roles().stream()
                        .map(role ->
                                new Given(
                                        role,
                                        role.builderRe() == null
                                                ? null
                                                : new TextPattern(role.builderRe())))
                        .toList();
        groups = access.groups();
        this.projects = projects;
    }

    /** What somebody may, if only with some builders. */
    Set<Act> acts(@Nullable Person person) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        for (Act act : Act.values()) {
            if (act != Act.EVERYTHING && may(person, act)) {
                acts.add(act);
            }
        }
        return acts;
    }

    /** Whether somebody may, if only with some builders. */
    boolean may(@Nullable Person person, Act act) {
        return !giving(person, act).isEmpty();
    }

    /**
     * Whether somebody may with each of some builders.
     *
     * @param builders if there are none, it is enough that they may with any
     */
    boolean may(@Nullable Person person, Act act, Collection<String> builders) {
        List<Given> giving = giving(person, act);
        if (giving.isEmpty() || giving.stream().anyMatch(it -> it.role().isForAllBuilders())) {
            return !giving.isEmpty();
        }
        Map<String, String> projectOf =
                giving.stream().allMatch(it -> it.role().projects().isEmpty())
                        ? Map.of()
                        : projects.apply(builders);
        return builders.stream()
                .allMatch(builder ->
                        giving.stream().anyMatch(it -> it.covers(builder, projectOf.get(builder))));
    }

    private List<Given> giving(@Nullable Person person, Act act) {
        Set<String> groupsOf = person == null ? Set.of() : groupsOf(person);
        boolean isAskedFor = person == null || person.isAskedFor(act);
        return roles.stream()
                .filter(it ->
                        it.gives(act)
                                && (it.isForEveryone()
                                        || (isAskedFor && it.isFor(person, groupsOf))))
                .toList();
    }

    private Set<String> groupsOf(Person person) {
        Set<String> all = new HashSet<>(person.groups());
        groups.forEach((group, users) -> {
            if (users.contains(person.name())) {
                all.add(group);
            }
        });
        return all;
    }
}
