package io.buildledger.configuring;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may look at the pages and ask for something there, and how a person shows who that is. What
 * no role gives, nobody may.
 *
 * @param usersFile people and their passwords, a line {@code NAME:HASH} each, as {@code htpasswd
 *     -B} writes them; the hash is one of bcrypt or Argon2
 * @param tokensFile what programs show in place of a password, as {@code bin/buildledger token}
 *     writes it
 * @param proxy who is believed to know who asks, or where from; nobody by default
 * @param oidc where people log in besides; nowhere by default
 * @param session how long a person stays logged in, 1m to 90d; default 12 h
 * @param groups which people are of a group, besides what proxy and provider say
 * @param roles who may what; one that fits is enough
 */
public record Access(
        @Nullable Path usersFile,
        @Nullable Path tokensFile,
        @Nullable Proxy proxy,
        @Nullable Oidc oidc,
        Duration session,
        Map<String, List<String>> groups,
        List<Role> roles) {

    private static final Duration DEFAULT_SESSION = Duration.ofHours(12);

    public Access(
            @Nullable Path usersFile,
            @Nullable Path tokensFile,
            @Nullable Proxy proxy,
            @Nullable Oidc oidc,
            @Nullable Duration session,
            @Nullable Map<String, List<String>> groups,
            @Nullable List<Role> roles) {
        this.usersFile = usersFile;
        this.tokensFile = tokensFile;
        this.proxy = proxy;
        this.oidc = oidc;
        this.session = session == null ? DEFAULT_SESSION : session;
        this.groups = groups == null ? Map.of() : groups;
        this.roles = roles == null ? List.of() : roles;
    }

    /**
     * A proxy in front, of which is believed where requests come from ({@code X-Forwarded-For}).
     *
     * @param userHeader the header with the person's name, where the proxy knows who asks; what it
     *     says is believed. By default it does not
     * @param groupsHeader the header with the names of the person's groups, between commas
     * @param addresses of the proxy, or its networks such as {@code 10.1.0.0/16}; headers that come
     *     from elsewhere count for nothing
     */
    public record Proxy(
            @Nullable String userHeader, @Nullable String groupsHeader, List<String> addresses) {
        public Proxy {
            addresses = addresses == null ? List.of() : addresses;
        }
    }

    /**
     * A provider of OpenID Connect. It is looked up when the first person logs in.
     *
     * @param issuer its address, below which {@code /.well-known/openid-configuration} is
     * @param clientId by which the provider knows this cluster
     * @param clientSecretFile holds the secret that goes with it
     * @param label what the button says; default is the issuer's host
     * @param scopes what is asked of the provider besides {@code openid}; default {@code profile}
     * @param userClaim what a person is called here; default {@code preferred_username}
     * @param groupsClaim the person's groups, a list; default {@code groups}
     */
    public record Oidc(
            String issuer,
            String clientId,
            Path clientSecretFile,
            @Nullable String label,
            List<String> scopes,
            String userClaim,
            String groupsClaim) {
        public Oidc {
            scopes = scopes == null ? List.of("profile") : scopes;
            userClaim = userClaim == null ? "preferred_username" : userClaim;
            groupsClaim = groupsClaim == null ? "groups" : groupsClaim;
        }
    }

    /**
     * What some people may.
     *
     * @param name by which a refusal can tell of it
     * @param who {@code everyone}, or all who are {@code logged_in}; else only {@code users} and
     *     {@code groups}
     * @param users people by their names
     * @param groups people who are of one of these groups
     * @param may what they may do
     * @param builders only with these; with {@code builder_re} and {@code projects}, with those
     *     that one of the three names. By default with all
     * @param builderRe only with builders whose whole name it matches; a regular expression of RE2
     * @param projects only with builders of these projects
     */
    public record Role(
            String name,
            @Nullable Who who,
            List<String> users,
            List<String> groups,
            List<Act> may,
            List<String> builders,
            @Nullable String builderRe,
            List<String> projects) {
        public Role {
            users = users == null ? List.of() : users;
            groups = groups == null ? List.of() : groups;
            may = may == null ? List.of() : may;
            builders = builders == null ? List.of() : builders;
            projects = projects == null ? List.of() : projects;
        }

        /** Whether it is for all builders, and for what is of none. */
        public boolean isForAllBuilders() {
            return builders.isEmpty() && builderRe == null && projects.isEmpty();
        }
    }

    /** Whom a role is for without naming them. */
    public enum Who {
        @JsonProperty("everyone")
        EVERYONE,
        @JsonProperty("logged_in")
        LOGGED_IN
    }

    /** What people do, each of which a role can give. */
    public enum Act {
        /**
         * Look at everything: pages, logs, artifacts, feeds, badges and what is read below /api.
         */
        @JsonProperty("view")
        VIEW(false),
        /** Have a force scheduler build. */
        @JsonProperty("force")
        FORCE(true),
        /** Have a try scheduler build a patch, which may be any program. */
        @JsonProperty("try")
        TRY(true),
        /** Have builds and buildsets built again. */
        @JsonProperty("rebuild")
        REBUILD(true),
        /** End builds that run, also to have them tried again. */
        @JsonProperty("stop")
        STOP(true),
        /** Cancel requests. */
        @JsonProperty("cancel")
        CANCEL(true),
        /** Change the priority of requests. */
        @JsonProperty("priority")
        PRIORITY(true),
        /** Enable and disable schedulers. */
        @JsonProperty("enable")
        ENABLE(true),
        /** Pause workers, let them go on, and have them end. */
        @JsonProperty("pause")
        PAUSE(false),
        /** Drain masters, and take that back. */
        @JsonProperty("drain")
        DRAIN(false),
        /** Have masters read their configuration again. */
        @JsonProperty("reload")
        RELOAD(false),
        /** Ask what another configuration would have made of what is recorded. */
        @JsonProperty("suppose")
        SUPPOSE(false),
        /** All of these. */
        @JsonProperty("everything")
        EVERYTHING(false);

        private final boolean ofBuilders;

        Act(boolean ofBuilders) {
            this.ofBuilders = ofBuilders;
        }

        /** Whether it is done with builders, so that a role can give it for some of them. */
        public boolean isOfBuilders() {
            return ofBuilders;
        }
    }
}
