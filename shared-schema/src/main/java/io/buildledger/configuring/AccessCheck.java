package io.buildledger.configuring;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.Access.Oidc;
import io.buildledger.configuring.Access.Proxy;
import io.buildledger.configuring.Access.Role;
import io.buildledger.domain.changing.TextPattern;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What {@code access} and the names of {@code web} can have wrong. */
final class AccessCheck {

    private static final Duration SHORTEST_SESSION = Duration.ofMinutes(1);
    private static final Duration LONGEST_SESSION = Duration.ofDays(90);
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
    private static final Pattern HOST_NAME =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");
    private static final Pattern IP4 = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private static final String AN_EXAMPLE = "such as {name: readers, who: everyone, may: [view]}";

    private final SchedulerCheck.Told told;

    /** Whether no builder, or no project, of the file has a name. */
    private final Predicate<String> lacksBuilder;

    private final Predicate<String> lacksProject;

    AccessCheck(
            SchedulerCheck.Told told,
            Predicate<String> lacksBuilder,
            Predicate<String> lacksProject) {
        this.told = told;
        this.lacksBuilder = lacksBuilder;
        this.lacksProject = lacksProject;
    }

    void check(@Nullable Access access) {
        if (access == null) {
            return;
        }
        if (access.session().compareTo(SHORTEST_SESSION) < 0
                || access.session().compareTo(LONGEST_SESSION) > 0) {
            told.problem("/access/session", "access.session: is out of range: 1m to 90d");
        }
        if (access.usersFile() == null
                && access.tokensFile() == null
                && (access.proxy() == null || access.proxy().userHeader() == null)
                && access.oidc() == null
                && access.roles().stream()
                        .anyMatch(it -> it != null && it.who() != Access.Who.EVERYONE)) {
            told.missing(
                    "/access",
                    "users_file",
                    "access: nobody can show who they are: add users_file, oidc, proxy or tokens_file, or give roles to who: everyone alone");
        }
        if (access.proxy() != null) {
            proxy(access.proxy());
        }
        if (access.oidc() != null) {
            oidc(access.oidc());
        }
        access.groups()
                .forEach((group, users) -> {
                    String at = "/access/groups/" + group;
                    if (!AccessName.isOne(group)) {
                        told.problem(
                                at,
                                "access.groups: '%s' is not %s".formatted(group, AccessName.RULE));
                    }
                    names(at, "access.groups." + group, users);
                });
        if (access.roles().isEmpty()) {
            told.missing(
                    "/access",
                    "roles",
                    "access: roles is missing, so that nobody may do anything: say who may what, "
                            + AN_EXAMPLE);
        }
        Set<String> named = new HashSet<>();
        for (int i = 0; i < access.roles().size(); i++) {
            role("/access/roles/" + i, access.roles().get(i), named);
        }
    }

    private void proxy(Proxy proxy) {
        String at = "/access/proxy";
        if (proxy.userHeader() == null && proxy.groupsHeader() != null) {
            told.missing(
                    at,
                    "user_header",
                    "access.proxy: user_header is missing: name the header that has the person's name, such as X-Forwarded-User");
        }
        header(at + "/user_header", "access.proxy.user_header", proxy.userHeader());
        header(at + "/groups_header", "access.proxy.groups_header", proxy.groupsHeader());
        if (proxy.addresses().isEmpty()) {
            told.missing(
                    at,
                    "addresses",
                    "access.proxy: addresses is missing: name those from which the headers are believed, such as [127.0.0.1]");
        }
        for (int i = 0; i < proxy.addresses().size(); i++) {
            String address = proxy.addresses().get(i);
            if (address == null || !isAddress(address)) {
                told.problem(
                        at + "/addresses/" + i,
                        "access.proxy.addresses[%d]: '%s' is neither an IP address nor a network such as 10.1.0.0/16"
                                .formatted(i, address));
            }
        }
    }

    private void header(String at, String called, @Nullable String header) {
        if (header != null && !HEADER.matcher(header).matches()) {
            told.problem(at, "%s: '%s' is no name of a header".formatted(called, header));
        }
    }

    /** An address, or one and how many bits of it count. */
    private static boolean isAddress(String text) {
        String[] parts = text.split("/", -1);
        if (parts[0].indexOf(':') < 0 && !IP4.matcher(parts[0]).matches()) {
            // Java takes 10.1 for 10.0.0.1.
            return false;
        }
        try {
            int bits = InetAddress.ofLiteral(parts[0]).getAddress().length * Byte.SIZE;
            return parts.length == 1
                    || (parts.length == 2 && Integer.parseUnsignedInt(parts[1]) <= bits);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void oidc(Oidc oidc) {
        String at = "/access/oidc";
        String called = "access.oidc";
        if (oidc.issuer() == null) {
            told.missing(at, "issuer", called + ": issuer is missing: write https://HOST[/PATH]");
        } else if (!ChangeHooksCheck.isWebAddress(oidc.issuer())) {
            told.problem(
                    at + "/issuer",
                    "access.oidc.issuer: '%s' is not an address like https://login.example.org"
                            .formatted(RepositoryAddress.masked(oidc.issuer())));
        } else {
            URI issuer = URI.create(oidc.issuer());
            if (issuer.getScheme().equals("http") && !LOOPBACK.contains(issuer.getHost())) {
                told.problem(
                        at + "/issuer",
                        "access.oidc.issuer: anybody on the way could log in as anybody: write https://");
            }
        }
        if (oidc.clientId() == null) {
            told.missing(
                    at,
                    "client_id",
                    called + ": client_id is missing: write the one that the provider gave");
        }
        if (oidc.clientSecretFile() == null) {
            told.missing(
                    at,
                    "client_secret_file",
                    called
                            + ": client_secret_file is missing: name the file that holds the client's secret");
        }
    }

    private void role(String at, @Nullable Role role, Set<String> named) {
        if (role == null) {
            told.problem(at, "a role is empty: write one " + AN_EXAMPLE);
            return;
        }
        String called = role.name() == null ? "a role without a name" : "role " + role.name();
        if (role.name() == null) {
            told.missing(at, "name", "a role has no name: add name: ...");
        } else if (!AccessName.isOne(role.name())) {
            told.problem(
                    at + "/name",
                    "a role's name '%s' is not %s".formatted(role.name(), AccessName.RULE));
        } else if (!named.add(role.name())) {
            told.problem(at + "/name", "there are two roles " + role.name() + ": name another");
        }
        if (role.who() == null && role.users().isEmpty() && role.groups().isEmpty()) {
            told.missing(
                    at,
                    "who",
                    called
                            + ": says not whom it is for: add users: [...], groups: [...], or who: everyone or logged_in");
        } else if (role.who() != null && !(role.users().isEmpty() && role.groups().isEmpty())) {
            told.problem(
                    at + "/who",
                    called + ": give who, or users and groups: each that is named is of who");
        }
        names(at + "/users", called + ": users", role.users());
        names(at + "/groups", called + ": groups", role.groups());
        if (role.may().isEmpty()) {
            told.missing(at, "may", called + ": may is missing: say what, such as may: [view]");
        }
        builders(at, called, role);
        if (role.isForAllBuilders()) {
            return;
        }
        for (int i = 0; i < role.may().size(); i++) {
            Act act = role.may().get(i);
            if (act != null && !act.isOfBuilders()) {
                told.problem(
                        at + "/may/" + i,
                        "%s: may[%d] is not of single builders: give it in a role without builders, builder_re and projects"
                                .formatted(called, i));
            }
        }
    }

    private void builders(String at, String called, Role role) {
        for (int i = 0; i < role.builders().size(); i++) {
            String builder = role.builders().get(i);
            if (builder == null || lacksBuilder.test(builder)) {
                told.problem(
                        at + "/builders/" + i,
                        "%s: there is no builder '%s': add it to builders, or set multi_master: true if another master's file has it"
                                .formatted(called, builder));
            }
        }
        if (role.builderRe() != null) {
            try {
                TextPattern _ = new TextPattern(role.builderRe());
            } catch (IllegalArgumentException e) {
                told.problem(at + "/builder_re", called + ": builder_re: " + e.getMessage());
            }
        }
        for (int i = 0; i < role.projects().size(); i++) {
            String project = role.projects().get(i);
            if (project == null || lacksProject.test(project)) {
                told.problem(
                        at + "/projects/" + i,
                        "%s: there is no project '%s': add it to projects, or set multi_master: true if another master's file has it"
                                .formatted(called, project));
            }
        }
    }

    private void names(String at, String called, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!AccessName.isOne(name)) {
                told.problem(
                        at + "/" + i,
                        "%s[%d]: '%s' is not %s".formatted(called, i, name, AccessName.RULE));
            }
        }
    }

    /** Where the pages say that they are. */
    void check(Configuration.Web web, @Nullable Access access) {
        if (access != null
                && access.oidc() != null
                && web.url() == null
                && !LOOPBACK.contains(web.address())) {
            told.missing(
                    "/web",
                    "url",
                    "web: url is missing: access.oidc has to know where people come back to, such as https://ci.example.org");
        }
        if (web.url() != null && !isSite(web.url())) {
            told.problem(
                    "/web/url",
                    "web.url: '%s' is not where pages are, such as https://ci.example.org; they are at the top of a host"
                            .formatted(web.url()));
        }
        for (int i = 0; i < web.hostNames().size(); i++) {
            String name = web.hostNames().get(i);
            if (name == null || !HOST_NAME.matcher(name).matches()) {
                told.problem(
                        "/web/host_names/" + i,
                        "web.host_names[%d]: '%s' is no name of a host, such as ci.example.org; it is without a port"
                                .formatted(i, name));
            }
        }
    }

    private static boolean isSite(String url) {
        return ChangeHooksCheck.isWebAddress(url)
                && Stream.of("", "/").anyMatch(URI.create(url).getRawPath()::equals);
    }
}
