package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access;
import io.buildledger.configuring.Access.Proxy;
import io.buildledger.configuring.AccessName;
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
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Sees who sends a request: by a token, by the headers of a proxy, or by the session of somebody
 * who has logged in, as long as that counts.
 */
final class Visitors extends OncePerRequestFilter {

    /** When somebody logged in, in their session. */
    static final String SINCE = Visitors.class.getName() + ".since";

    private static final String BEARER = "Bearer ";

    private static final Logger LOG = LoggerFactory.getLogger(Visitors.class);

    /** What kept it last from looking at a file. */
    private final AtomicReference<@Nullable String> told = new AtomicReference<>();

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
        if (!admission.isOpen()
                // As a page has it that was put in the place of what was asked for.
                && !response.containsHeader(HttpHeaders.CACHE_CONTROL)) {
            // What is the same for everybody says otherwise where it is served.
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
        } catch (UnusableAccessException e) {
            tellOnce(e);
            refusals.commence(
                    request,
                    response,
                    new AuthenticationServiceException(
                            "this master can't look at users and tokens now; its log tells why"));
            return;
        }
        chain.doFilter(request, response);
    }

    /** Pages that are open ask each second. */
    private void tellOnce(UnusableAccessException e) {
        String message = String.valueOf(e.getMessage());
        if (!message.equals(told.getAndSet(message))) {
            LOG.error("nobody who has logged in, and no token, is known now: {}", message);
        }
    }

    /** A hook has secrets of its own, and may be sent them in the same header. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return request.getRequestURI().startsWith("/change_hook/");
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
        Proxy proxy = admission.proxyOf(request).orElse(null);
        String userHeader = proxy == null ? null : proxy.userHeader();
        if (proxy == null || userHeader == null) {
            return Optional.empty();
        }
        String name = header(request, userHeader);
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (!AccessName.isOne(name)) {
            throw new BadCredentialsException(
                    "%s: is not %s".formatted(userHeader, AccessName.RULE));
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
        List<String> values = Collections.list(request.getHeaders(name));
        if (values.size() > 1) {
            // One of them is not the proxy's.
            throw new BadCredentialsException(name + ": is there twice");
        }
        String value = values.isEmpty() ? "" : values.getFirst();
        return new String(value.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8)
                .strip();
    }

    /**
     * A session ends by its age. While what it began with does not count, it is nobody's: a file
     * that somebody is writing may lack a line for a moment.
     */
    private void leaveIfOver(@Nullable HttpSession session) {
        Authentication shown = SecurityContextHolder.getContext().getAuthentication();
        Access access = admission.access().orElse(null);
        if (session == null || shown == null) {
            return;
        }
        if (access == null || !counts(shown, access)) {
            enter(null);
        } else if (ageOf(session).compareTo(access.session()) >= 0) {
            enter(null);
            try {
                session.invalidate();
            } catch (IllegalStateException e) {
                // Another request has done it.
                LOG.debug("a session is over already", e);
            }
        }
    }

    private boolean counts(Authentication shown, Access access) {
        return switch (shown.getPrincipal()) {
            case ListedUser user ->
                    admission
                            .hashOf(user.getUsername())
                            .filter(user.getPassword()::equals)
                            .isPresent();
            case ProviderUser user ->
                    user.isOf(access.oidc()) && admission.hashOf(user.person().name()).isEmpty();
            case null, default -> false;
        };
    }

    private Duration ageOf(HttpSession session) {
        try {
            if (session.getAttribute(SINCE) instanceof Instant since) {
                return Duration.between(since, clock.instant());
            }
        } catch (IllegalStateException e) {
            LOG.debug("another request has ended the session", e);
        }
        return Duration.ofSeconds(Long.MAX_VALUE);
    }

    static boolean hasSession() {
        Authentication shown = SecurityContextHolder.getContext().getAuthentication();
        return shown != null
                && (shown.getPrincipal() instanceof ListedUser
                        || shown.getPrincipal() instanceof ProviderUser);
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
