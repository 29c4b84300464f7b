package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.Access.Oidc;
import io.buildledger.configuring.Access.Proxy;
import io.buildledger.configuring.Access.Role;
import io.buildledger.configuring.Access.Who;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class AccessConfigurationTest {

    private static final String READERS = "roles: [{name: readers, who: everyone, may: [view]}]";

    @TempDir Path directory;

    private Configuration read(String more) throws IOException {
        return ConfigurationFile.read(
                        Files.writeString(
                                directory.resolve("c.yaml"),
                                "db_url: jdbc:mysql://db/buildledger\ndb_user: buildledger\n"
                                        + more))
                .configuration();
    }

    private List<String> problems(String more) {
        InvalidConfigurationException refusal =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(more));
        assertThat(refusal).as("the file is refused").isNotNull();
        return refusal.problems().stream().map(line -> line.replace(directory + "/", "")).toList();
    }

    @Test
    void all_that_can_be_said_of_access_is_read() throws IOException {
        Configuration configuration =
                read(
                        """
                        builders: [{name: linux, project: app, worker_names: [w], factory: [{shell: {command: "true"}}]}]
                        projects: [{name: app}]
                        workers: [{name: w}]
                        web: {url: "https://ci.example.org/", host_names: [ci, 10.1.2.3]}
                        access:
                          users_file: users
                          tokens_file: /etc/buildledger/tokens
                          session: 2d
                          proxy:
                            user_header: X-Forwarded-User
                            groups_header: X-Forwarded-Groups
                            addresses: [127.0.0.1, "10.1.0.0/16", "::1", "fd00::/8"]
                          oidc: {issuer: "https://login.example.org", client_id: ci, client_secret_file: oidc}
                          groups: {team: [ann, Bob B.]}
                          roles:
                            - {name: readers, who: everyone, may: [view]}
                            - name: team
                              users: [carla]
                              groups: [team]
                              may: [force, stop]
                              builders: [linux]
                              builder_re: nightly-.*
                              projects: [app]
                        """);

        assertThat(configuration.web().url()).isEqualTo("https://ci.example.org/");
        assertThat(configuration.web().hostNames()).containsExactly("ci", "10.1.2.3");
        assertThat(configuration.access())
                .isEqualTo(
                        new Access(
                                Path.of("users"),
                                Path.of("/etc/buildledger/tokens"),
                                new Proxy(
                                        "X-Forwarded-User",
                                        "X-Forwarded-Groups",
                                        List.of("127.0.0.1", "10.1.0.0/16", "::1", "fd00::/8")),
                                new Oidc(
                                        "https://login.example.org",
                                        "ci",
                                        Path.of("oidc"),
                                        null,
                                        List.of("profile"),
                                        "preferred_username",
                                        "groups"),
                                Duration.ofDays(2),
                                Map.of("team", List.of("ann", "Bob B.")),
                                List.of(
                                        new Role(
                                                "readers",
                                                Who.EVERYONE,
                                                List.of(),
                                                List.of(),
                                                List.of(Act.VIEW),
                                                List.of(),
                                                null,
                                                List.of()),
                                        new Role(
                                                "team",
                                                null,
                                                List.of("carla"),
                                                List.of("team"),
                                                List.of(Act.FORCE, Act.STOP),
                                                List.of("linux"),
                                                "nightly-.*",
                                                List.of("app")))));
    }

    @Test
    void without_access_everybody_may_everything_and_a_session_lasts_half_a_day()
            throws IOException {
        assertThat(read("").access()).isNull();
        Access access = Objects.requireNonNull(read("access: {%s}".formatted(READERS)).access());
        assertThat(access.session()).isEqualTo(Duration.ofHours(12));
        assertThat(access.proxy()).isNull();
        assertThat(access.oidc()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    users_files: u                                | access.users_files: there is no key 'users_files' here: did you mean 'users_file'? Known are groups, oidc, proxy, roles, session, tokens_file, users_file
                    session: 30s                                  | access.session: is out of range: 1m to 90d
                    session: 91d                                  | access.session: is out of range: 1m to 90d
                    proxy: {groups_header: X-Groups, addresses: [127.0.0.1]} | access.proxy: user_header is missing: name the header that has the person's name, such as X-Forwarded-User
                    proxy: {user_header: X-User}                  | access.proxy: addresses is missing: name those from which the headers are believed, such as [127.0.0.1]
                    proxy: {user_header: "X User", addresses: [127.0.0.1]} | access.proxy.user_header: 'X User' is no name of a header
                    proxy: {user_header: X-User, groups_header: "a:b", addresses: [127.0.0.1]} | access.proxy.groups_header: 'a:b' is no name of a header
                    proxy: {user_header: X-User, addresses: [proxy.example.org]} | access.proxy.addresses[0]: 'proxy.example.org' is neither an IP address nor a network such as 10.1.0.0/16
                    proxy: {user_header: X-User, addresses: [127.0.0.1, "10.0.0.0/33"]} | access.proxy.addresses[1]: '10.0.0.0/33' is neither
                    proxy: {user_header: X-User, addresses: ["10.0.0.0/8/8"]} | access.proxy.addresses[0]: '10.0.0.0/8/8' is neither
                    proxy: {user_header: X-User, addresses: ["10.0.0.0/-1"]}  | access.proxy.addresses[0]: '10.0.0.0/-1' is neither
                    oidc: {client_id: ci, client_secret_file: f}  | access.oidc: issuer is missing: write https://HOST[/PATH]
                    oidc: {issuer: "https://l", client_secret_file: f} | access.oidc: client_id is missing: write the one that the provider gave
                    oidc: {issuer: "https://l", client_id: ci}    | access.oidc: client_secret_file is missing: name the file that holds the client's secret
                    oidc: {issuer: l, client_id: ci, client_secret_file: f} | access.oidc.issuer: 'l' is not an address like https://login.example.org
                    oidc: {issuer: "https://me:hunter2@l", client_id: ci, client_secret_file: f} | access.oidc.issuer: 'https://***@l' is not an address
                    oidc: {issuer: "http://l", client_id: ci, client_secret_file: f} | access.oidc.issuer: anybody on the way could log in as anybody: write https://
                    groups: {team: [ann, " bob"]}                 | access.groups.team[1]: ' bob' is not a name of 1 to 100 characters that can be seen, without space around it, other than 'somebody'
                    groups: {somebody: [ann]}                     | access.groups: 'somebody' is not a name of 1 to 100 characters that can be seen
                    groups: {team: ann}                           | access.groups.team: this must be a list
                    """)
    void what_is_wrong_is_told_with_its_place_and_the_remedy(String access, String problem) {
        assertThat(problems("access:\n  %s\n  %s\n".formatted(READERS, access)))
                .singleElement()
                .asString()
                .startsWith("c.yaml:5:")
                .contains(problem)
                .doesNotContain("hunter2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    null                                             | a role is empty: write one such as {name: readers, who: everyone, may: [view]}
                    {who: everyone, may: [view]}                     | a role has no name: add name: ...
                    {name: " x", who: everyone, may: [view]}         | a role's name ' x' is not a name of 1 to 100 characters that can be seen
                    {name: readers, who: everyone, may: [view]}      | there are two roles readers: name another
                    {name: x, may: [view]}                           | role x: says not whom it is for: add users: [...], groups: [...], or who: everyone or logged_in
                    {name: x, who: all, may: [view]}                 | access.roles[1].who: 'all' is not one of everyone, logged_in
                    {name: x, who: everyone, users: [ann], may: [view]} | role x: give who, or users and groups: each that is named is of who
                    {name: x, users: [""], may: [view]}              | role x: users[0]: '' is not a name
                    {name: x, users: [somebody], may: [view]}        | role x: users[0]: 'somebody' is not a name
                    {name: x, groups: ["a\\nb"], may: [view]}        | role x: groups[0]: 'a
                    {name: x, users: [ann]}                          | role x: may is missing: say what, such as may: [view]
                    {name: x, users: [ann], may: [fly]}              | access.roles[1].may[0]: 'fly' is not one of view, force, try, rebuild, stop, cancel, priority, enable, pause, drain, reload, suppose, everything
                    {name: x, users: [ann], may: [force, view], builder_re: a.*} | role x: may[1] is not of single builders: give it in a role without builders, builder_re and projects
                    {name: x, users: [ann], may: [everything], builder_re: a.*}  | role x: may[0] is not of single builders
                    {name: x, users: [ann], may: [drain], builder_re: a.*}       | role x: may[0] is not of single builders
                    {name: x, users: [ann], may: [force], builder_re: "("}       | role x: builder_re:
                    {name: x, users: [ann], may: [force], builders: [linus]}     | role x: there is no builder 'linus': add it to builders, or set multi_master: true if another master's file has it
                    {name: x, users: [ann], may: [force], projects: [ap]}        | role x: there is no project 'ap': add it to projects, or set multi_master: true if another master's file has it
                    """)
    void what_is_wrong_with_a_role_is_told_with_its_place_and_the_remedy(
            String role, String problem) {
        assertThat(
                        problems(
                                """
                                access:
                                  roles:
                                    - {name: readers, who: everyone, may: [view]}
                                    - %s
                                  users_file: users
                                """
                                        .formatted(role)))
                .singleElement()
                .asString()
                .startsWith("c.yaml:6:")
                .contains(problem);
    }

    @Test
    void names_are_what_can_be_told_from_each_other() {
        assertThat(
                        List.of(
                                "ann",
                                "Bob B.",
                                "#ann",
                                "auth0|4711",
                                "system:ci",
                                "山田　太郎",
                                "😀",
                                "x".repeat(100)))
                .allMatch(AccessName::isOne);
        assertThat(
                        Stream.of(
                                null,
                                "",
                                " ",
                                " ann",
                                "ann\t",
                                "ann\u00a0",
                                "\u3000ann",
                                "an\nn",
                                "an\u0000n",
                                "an\u0085n",
                                "an\u200dn",
                                "\u202eann",
                                "an\u2028n",
                                "an\ud800n",
                                "somebody",
                                "x".repeat(101)))
                .noneMatch(AccessName::isOne);
    }

    @Test
    void builders_and_projects_of_other_masters_may_be_named_where_there_are_some()
            throws IOException {
        assertThat(
                        read("""
                        multi_master: true
                        access:
                          users_file: users
                          roles: [{name: x, users: [ann], may: [force], builders: [linus], projects: [ap]}]
                        """)
                                .access())
                .isNotNull();
    }

    @Test
    void access_without_roles_would_let_nobody_in() {
        assertThat(problems("access: {users_file: u}\n"))
                .containsExactly(
                        "c.yaml:3:1: access: roles is missing, so that nobody may do anything: say who may what, such as {name: readers, who: everyone, may: [view]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    url: ci.example.org             | web.url: 'ci.example.org' is not where pages are, such as https://ci.example.org; they are at the top of a host
                    url: "https://ci.example.org/x" | web.url: 'https://ci.example.org/x' is not where pages are
                    url: "ftp://ci.example.org"     | web.url: 'ftp://ci.example.org' is not where pages are
                    host_names: ["ci:8010"]         | web.host_names[0]: 'ci:8010' is no name of a host, such as ci.example.org; it is without a port
                    host_names: [ci, "*"]           | web.host_names[1]: '*' is no name of a host
                    host_names: ci                  | web.host_names: this must be a list
                    """)
    void names_by_which_pages_are_reached_are_checked(String web, String problem) {
        assertThat(problems("web:\n  %s\n".formatted(web)))
                .singleElement()
                .asString()
                .startsWith("c.yaml:4:")
                .contains(problem);
    }

    @Test
    void who_is_given_something_can_show_who_they_are_and_come_back_from_the_provider() {
        assertThat(problems("access: {roles: [{name: x, users: [ann], may: [view]}]}\n"))
                .singleElement()
                .asString()
                .contains(
                        "access: nobody can show who they are: add users_file, oidc, proxy or tokens_file");
        assertThat(
                        problems(
                                """
                                web: {address: 0.0.0.0}
                                access:
                                  oidc: {issuer: "https://login.example.org", client_id: ci, client_secret_file: f}
                                  %s
                                """
                                        .formatted(READERS)))
                .singleElement()
                .asString()
                .contains("web: url is missing: access.oidc has to know where people come back to");
    }
}
