package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.Access.Proxy;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.util.matcher.IpAddressMatcher;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sees who sends a request: by a token, by the headers of a proxy, or by the session of somebody
 * who has logged in, as long as that counts.
 */
final class Visitors extends OncePerRequestFilter {

    /** When somebody logged in, in their session. */
    static final String SINCE = Visitors.class.getName() + ".since";

    private static final String BEARER = "Bearer ";

    private final Admission admission;
    private final AuthenticationEntryPoint refusals;
    private final InstantSource clock;

    Visitors(Admission admission, AuthenticationEntryPoint refusals, InstantSource clock) {
        this.admission = admission;
        this.refusals = refusals;
        this.clock = clock;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!admission.isOpen() && !isForAll(request.getRequestURI())) {
            response.setHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
        }
        try {
            Optional<Person> shown = shownByToken(request).or(() -> toldByProxy(request));
            if (shown.isPresent()) {
                enter(shown.get());
            } else {
                leaveIfOver(request.getSession(false));
            }
        } catch (AuthenticationException e) {
            refusals.commence(request, response, e);
            return;
        }
        chain.doFilter(request, response);
    }

    /** What is the same for everybody may be kept by everybody. */
    private static boolean isForAll(String path) {
        return path.endsWith(".css") || path.endsWith(".js");
    }

    private static void enter(@Nullable Person person) {
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        if (person != null) {
            context.setAuthentication(
                    new PreAuthenticatedAuthenticationToken(person, "", List.of()));
        }
        SecurityContextHolder.setContext(context);
    }

    /**
     * @throws BadCredentialsException if a token is shown that is none
     */
    private Optional<Person> shownByToken(HttpServletRequest request) {
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (authorization == null
                || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                || admission.isOpen()) {
            return Optional.empty();
        }
        return Optional.of(
                admission
                        .personOf(authorization.substring(BEARER.length()).strip())
                        .orElseThrow(() ->
                                new BadCredentialsException(
                                        "Authorization: there is no such token, or it has expired")));
    }

    /**
     * @throws BadCredentialsException if the proxy tells what is no name
     */
    private Optional<Person> toldByProxy(HttpServletRequest request) {
        Proxy proxy = admission.access().map(Access::proxy).orElse(null);
        if (proxy == null
                || proxy.addresses().stream()
                        .noneMatch(it -> new IpAddressMatcher(it).matches(request))) {
            return Optional.empty();
        }
        String name = header(request, proxy.userHeader());
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (!Person.isName(name)) {
            throw new BadCredentialsException(
                    "%s: is not %s".formatted(proxy.userHeader(), Person.NAME_RULE));
        }
        String groups = proxy.groupsHeader() == null ? "" : header(request, proxy.groupsHeader());
        return Optional.of(
                new Person(
                        name,
                        Arrays.stream(groups.split(",", -1))
                                .map(String::strip)
                                .filter(it -> !it.isEmpty())
                                .collect(Collectors.toSet()),
                        null));
    }

    /** Proxies send UTF-8, which the container takes for Latin-1, as HTTP once had it. */
    private static String header(HttpServletRequest request, String name) {
        String value = Objects.requireNonNullElse(request.getHeader(name), "");
        return new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .strip();
    }

    /** A session ends by its age, and where what it began with counts no longer. */
    private void leaveIfOver(@Nullable HttpSession session) {
        Authentication shown = SecurityContextHolder.getContext().getAuthentication();
        if (session == null || shown == null) {
            return;
        }
        Duration age =
                session.getAttribute(SINCE) instanceof Instant since
                        ? Duration.between(since, clock.instant())
                        : Duration.ofSeconds(Long.MAX_VALUE);
        boolean counts =
                admission
                        .access()
                        .filter(it -> age.compareTo(it.session()) < 0)
                        .map(it ->
                                switch (shown.getPrincipal()) {
                                    case ListedUser user ->
                                            admission
                                                    .hashOf(user.getUsername())
                                                    .filter(user.getPassword()::equals)
                                                    .isPresent();
                                    case ProviderUser _ -> it.oidc() != null;
                                    case null, default -> false;
                                })
                        .orElse(false);
        if (!counts) {
            session.invalidate();
            enter(null);
        }
    }

    /** Null if nobody has shown who they are. */
    static @Nullable Person current() {
        return of(SecurityContextHolder.getContext().getAuthentication());
    }

    static @Nullable Person of(@Nullable Authentication shown) {
        return switch (shown == null ? null : shown.getPrincipal()) {
            case Person person -> person;
            case ListedUser user -> Person.of(user.getUsername());
            case ProviderUser user -> user.person();
            case null, default -> null;
        };
    }
}
