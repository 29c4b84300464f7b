package io.buildledger.scheduler.admitting;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.Access.Role;
import io.buildledger.configuring.Access.Who;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class PermissionsTest {

    private static final Person ANN = Person.of("ann");
    private static final Person BOB = Person.of("bob");
    private static final @Nullable Person NOBODY = null;

    private static final Map<String, String> PROJECTS =
            Map.of("app-linux", "app", "app-mac", "app", "docs", "site");

    private final List<Collection<String>> looked = new ArrayList<>();

    private Permissions permissions(Map<String, List<String>> groups, Role... roles) {
        return new Permissions(
                new Access(null, null, null, null, null, groups, List.of(roles)),
                builders -> {
                    looked.add(List.copyOf(builders));
                    Map<String, String> known = new HashMap<>(PROJECTS);
                    known.keySet().retainAll(builders);
                    return known;
                });
    }

    private Permissions permissions(Role... roles) {
        return permissions(Map.of(), roles);
    }

    private static Role of(Who who, Act... may) {
        return new Role(
                "r", who, List.of(), List.of(), Arrays.asList(may), List.of(), null, List.of());
    }

    private static Role ofUsers(List<String> users, List<String> groups, Act... may) {
        return new Role("r", null, users, groups, Arrays.asList(may), List.of(), null, List.of());
    }

    private static Role with(
            Act act, List<String> builders, @Nullable String pattern, List<String> projects) {
        return new Role(
                "r", null, List.of("ann"), List.of(), List.of(act), builders, pattern, projects);
    }

    @Test
    void what_no_role_gives_nobody_may() {
        Permissions none = permissions();

        assertThat(none.acts(NOBODY)).isEmpty();
        assertThat(none.acts(ANN)).isEmpty();
        assertThat(none.may(ANN, Act.VIEW)).isFalse();
        assertThat(none.may(ANN, Act.FORCE, List.of())).isFalse();
        assertThat(permissions(of(Who.EVERYONE)).acts(ANN)).isEmpty();
    }

    @Test
    void everyone_is_also_who_has_not_logged_in_and_logged_in_is_not() {
        Permissions permissions =
                permissions(of(Who.EVERYONE, Act.VIEW), of(Who.LOGGED_IN, Act.FORCE));

        assertThat(permissions.acts(NOBODY)).containsExactly(Act.VIEW);
        assertThat(permissions.acts(ANN)).containsExactly(Act.VIEW, Act.FORCE);
    }

    @Test
    void a_role_is_for_the_users_and_groups_that_it_names() {
        Permissions permissions =
                permissions(
                        Map.of("team", List.of("ann", "carla"), "other", List.of("bob")),
                        ofUsers(List.of("bob"), List.of("team", "ldap"), Act.STOP));

        assertThat(permissions.may(BOB, Act.STOP)).isTrue();
        assertThat(permissions.may(ANN, Act.STOP)).isTrue();
        assertThat(permissions.may(Person.of("Ann"), Act.STOP)).isFalse();
        assertThat(permissions.may(Person.of("team"), Act.STOP)).isFalse();
        assertThat(permissions.may(Person.of("dave"), Act.STOP)).isFalse();
        assertThat(permissions.may(new Person("dave", Set.of("ldap"), null), Act.STOP)).isTrue();
        assertThat(permissions.may(new Person("dave", Set.of("other"), null), Act.STOP)).isFalse();
        assertThat(permissions.may(NOBODY, Act.STOP)).isFalse();
    }

    @Test
    void builders_are_given_by_name_by_pattern_of_the_whole_name_and_by_project() {
        Permissions permissions =
                permissions(with(Act.FORCE, List.of("linux"), "nightly-.*", List.of("app")));

        for (String builder : List.of("linux", "nightly-arm", "app-linux")) {
            assertThat(permissions.may(ANN, Act.FORCE, List.of(builder))).as(builder).isTrue();
        }
        for (String builder : List.of("linux2", "a-nightly-arm", "docs", "app", "")) {
            assertThat(permissions.may(ANN, Act.FORCE, List.of(builder))).as(builder).isFalse();
        }
        assertThat(permissions.may(ANN, Act.FORCE, List.of("linux", "app-mac"))).isTrue();
        assertThat(permissions.may(ANN, Act.FORCE, List.of("linux", "docs"))).isFalse();
        assertThat(permissions.may(ANN, Act.STOP, List.of("linux"))).isFalse();
        assertThat(permissions.may(BOB, Act.FORCE, List.of("linux"))).isFalse();
    }

    @Test
    void several_roles_may_give_the_builders_together() {
        Permissions permissions =
                permissions(
                        with(Act.FORCE, List.of("linux"), null, List.of()),
                        with(Act.FORCE, List.of(), null, List.of("site")));

        assertThat(permissions.may(ANN, Act.FORCE, List.of("linux", "docs"))).isTrue();
        assertThat(permissions.may(ANN, Act.FORCE, List.of("linux", "docs", "mac"))).isFalse();
    }

    @Test
    void where_there_is_no_builder_it_is_enough_that_they_may_with_any() {
        Permissions permissions = permissions(with(Act.FORCE, List.of("linux"), null, List.of()));

        assertThat(permissions.may(ANN, Act.FORCE)).isTrue();
        assertThat(permissions.may(ANN, Act.FORCE, List.of())).isTrue();
        assertThat(permissions.acts(ANN)).containsExactly(Act.FORCE);
        assertThat(permissions.may(BOB, Act.FORCE, List.of())).isFalse();
    }

    @Test
    void everything_is_all_there_is() {
        Permissions permissions = permissions(ofUsers(List.of("ann"), List.of(), Act.EVERYTHING));

        assertThat(permissions.acts(ANN))
                .hasSize(Act.values().length - 1)
                .doesNotContain(Act.EVERYTHING);
        assertThat(permissions.may(ANN, Act.DRAIN, List.of("any"))).isTrue();
        assertThat(permissions.acts(BOB)).isEmpty();
    }

    @Test
    void a_token_gives_less_than_its_user_may_and_never_more_but_what_everyone_may() {
        Permissions permissions =
                permissions(
                        of(Who.EVERYONE, Act.VIEW),
                        with(Act.FORCE, List.of("linux"), null, List.of()),
                        ofUsers(List.of("ann"), List.of(), Act.CANCEL));
        Person token = new Person("ann", Set.of(), Set.of(Act.FORCE, Act.STOP));

        assertThat(permissions.acts(token)).containsExactly(Act.VIEW, Act.FORCE);
        assertThat(permissions.may(token, Act.FORCE, List.of("linux"))).isTrue();
        assertThat(permissions.may(token, Act.FORCE, List.of("mac"))).isFalse();
        assertThat(permissions.may(token, Act.STOP)).isFalse();
        assertThat(permissions.acts(new Person("ann", Set.of(), Set.of(Act.EVERYTHING))))
                .isEqualTo(permissions.acts(ANN));
        assertThat(permissions.acts(new Person("ann", Set.of(), Set.of())))
                .containsExactly(Act.VIEW);
    }

    @Test
    void projects_are_looked_up_only_where_a_role_names_some() {
        permissions(with(Act.FORCE, List.of("linux"), null, List.of()))
                .may(ANN, Act.FORCE, List.of("mac"));
        permissions(of(Who.EVERYONE, Act.FORCE), with(Act.FORCE, List.of(), null, List.of("app")))
                .may(ANN, Act.FORCE, List.of("mac"));
        assertThat(looked).isEmpty();

        permissions(with(Act.FORCE, List.of(), null, List.of("app")))
                .may(ANN, Act.FORCE, List.of("mac", "docs"));
        assertThat(looked).containsExactly(List.of("mac", "docs"));
    }
}
