package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.Access.Oidc;
import io.buildledger.configuring.Access.Proxy;
import io.buildledger.configuring.Configuration;
import io.buildledger.configuring.ConfigurationFile;
import io.buildledger.configuring.InvalidConfigurationException;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.reloading.Reloadable;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.stereotype.Component;

/**
 * Who may what, by the configuration in force. Without {@code access} in it, whoever reaches the
 * pages may everything.
 */
@Component
public class Admission implements Reloadable {

    /** What of the configuration counts here. */
    private record InForce(
            ConfigurationFile file,
            @Nullable Access access,
            Permissions permissions,
            @Nullable KeptFile<UsersFile> users,
            @Nullable KeptFile<TokensFile> tokens,
            List<IpAddressMatcher> proxies) {}

    private final PublishedBuilders published;
    private final InstantSource clock;
    private volatile InForce inForce;

    Admission(ConfigurationFile file, PublishedBuilders published, InstantSource databaseClock) {
        this.published = published;
        this.clock = databaseClock;
        this.inForce = inForce(file);
    }

    /** Goes by other roles, users and tokens from the next request on. */
    @Override
    public Runnable prepare(ConfigurationFile next) {
        requireUsable(next);
        InForce prepared = inForce(next);
        return () -> inForce = prepared;
    }

    /**
     * Looks at what a configuration names beside itself.
     *
     * @throws InvalidConfigurationException if a file of users or tokens can't be used
     */
    public static void requireUsable(ConfigurationFile file) {
        Access access = file.configuration().access();
        if (access == null) {
            return;
        }
        List<String> problems = new ArrayList<>();
        look(file, access.usersFile(), UsersFile::read, problems);
        look(file, access.tokensFile(), TokensFile::read, problems);
        if (!problems.isEmpty()) {
            throw new InvalidConfigurationException(problems);
        }
    }

    private static void look(
            ConfigurationFile file,
            @Nullable Path named,
            Consumer<Path> reader,
            List<String> problems) {
        if (named == null) {
            return;
        }
        try {
            reader.accept(file.beside(named));
        } catch (UnusableAccessException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }

    private InForce inForce(ConfigurationFile file) {
        Access access = file.configuration().access();
        return new InForce(
                file,
                access,
                new Permissions(
                        access == null
                                ? new Access(null, null, null, null, null, null, null)
                                : access,
                        builders -> projectsOf(builders, file.configuration())),
                access == null ? null : kept(file, access.usersFile(), UsersFile::read),
                access == null ? null : kept(file, access.tokensFile(), TokensFile::read),
                access == null || access.proxy() == null
                        ? List.of()
                        : access.proxy().addresses().stream().map(IpAddressMatcher::new).toList());
    }

    private static <T> @Nullable KeptFile<T> kept(
            ConfigurationFile file, @Nullable Path named, Function<Path, T> reader) {
        return named == null ? null : new KeptFile<>(file.beside(named), reader, System::nanoTime);
    }

    /** This file says it of its own builders, whatever others have published. */
    private Map<String, String> projectsOf(
            Collection<String> builders, Configuration configuration) {
        Map<String, String> projects = new HashMap<>();
        for (PublishedBuilder builder : published.ofNames(List.copyOf(builders))) {
            if (builder.project() != null) {
                projects.put(builder.name(), builder.project().name());
            }
        }
        for (Configuration.Builder builder : configuration.builders()) {
            if (builders.contains(builder.name())) {
                if (builder.project() == null) {
                    projects.remove(builder.name());
                } else {
                    projects.put(builder.name(), builder.project());
                }
            }
        }
        return projects;
    }

    /** Whether whoever reaches the pages may everything. */
    public boolean isOpen() {
        return inForce.access() == null;
    }

    /** Whether also those may look who have not shown who they are. */
    public boolean isSeenByAll() {
        return may(null, Act.VIEW);
    }

    /** Who has sent the request that this thread answers. */
    public Asker asker() {
        return new Asker(this, Visitors.current());
    }

    boolean may(@Nullable Person person, Act act) {
        return isOpen() || inForce.permissions().may(person, act);
    }

    boolean may(@Nullable Person person, Act act, Collection<String> builders) {
        return isOpen() || inForce.permissions().may(person, act, builders);
    }

    Set<Act> acts(@Nullable Person person) {
        return inForce.permissions().acts(person);
    }

    Optional<Access> access() {
        return Optional.ofNullable(inForce.access());
    }

    /** Whether people can log in with a password. */
    public boolean hasPasswords() {
        return access().map(Access::usersFile).isPresent();
    }

    /** What the button says by which people log in at a provider, if there is one. */
    public Optional<String> provider() {
        return access().map(Access::oidc)
                .map(it -> it.label() == null ? URI.create(it.issuer()).getHost() : it.label());
    }

    Optional<Oidc> oidc() {
        return access().map(Access::oidc);
    }

    /**
     * What this cluster shows the provider.
     *
     * @throws InvalidConfigurationException if its file can't be read
     */
    String clientSecret() {
        return String.valueOf(inForce.file().clientSecret());
    }

    /** Where people reach the pages, if the file says it. */
    public Optional<String> url() {
        return Optional.ofNullable(inForce.file().configuration().web().url())
                .map(it -> it.replaceFirst("/$", ""));
    }

    /**
     * The hash of somebody's password, as it is now.
     *
     * @throws UnusableAccessException if the file can't be used
     */
    Optional<String> hashOf(String name) {
        return users().map(users -> users.hashOf(name));
    }

    /**
     * Those who log in with a password, as their file is now, if there is one.
     *
     * @throws UnusableAccessException if the file can't be used
     */
    Optional<UsersFile> users() {
        return Optional.ofNullable(inForce.users()).map(KeptFile::get);
    }

    /** Who has sent a request: by name, or else by where it comes from. */
    public String senderOf(HttpServletRequest request) {
        Person person = Visitors.current();
        return person == null ? "from " + addressOf(request) : person.name();
    }

    /**
     * Where a request comes from: of one that a proxy passes on which the file knows, what that has
     * been told by whom it believes.
     */
    public String addressOf(HttpServletRequest request) {
        List<IpAddressMatcher> proxies = inForce.proxies();
        List<String> passed =
                Collections.list(request.getHeaders("X-Forwarded-For")).stream()
                        .flatMap(it -> Arrays.stream(it.split(",", -1)))
                        .map(String::strip)
                        .toList();
        String address = request.getRemoteAddr();
        for (String before : passed.reversed()) {
            if (!isOneOf(proxies, address)) {
                break;
            }
            address = before;
        }
        return address;
    }

    /** The proxy that is believed, if a request comes from it, without any other in between. */
    Optional<Proxy> proxyOf(HttpServletRequest request) {
        InForce now = inForce;
        return now.proxies().stream().anyMatch(it -> it.matches(request))
                ? Optional.ofNullable(now.access()).map(Access::proxy)
                : Optional.empty();
    }

    private static boolean isOneOf(List<IpAddressMatcher> networks, String address) {
        try {
            InetAddress _ = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            return false;
        }
        return networks.stream().anyMatch(it -> it.matches(address));
    }

    /**
     * In whose name a token acts, as its file is now.
     *
     * @return nothing if there is no such token, or if it has expired
     * @throws UnusableAccessException if the file can't be used
     */
    Optional<Person> personOf(String token) {
        return Optional.ofNullable(inForce.tokens())
                .map(KeptFile::get)
                .flatMap(tokens -> tokens.find(token))
                .filter(it -> clock.instant().isBefore(it.expires()))
                .map(it -> new Person(it.user(), Set.of(), it.acts()));
    }
}
