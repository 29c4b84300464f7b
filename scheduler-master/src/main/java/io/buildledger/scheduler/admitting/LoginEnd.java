package io.buildledger.scheduler.admitting;

import io.buildledger.showing.Printable;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;

/** Leads people on who have logged in, and tells others why they have not. */
public final class LoginEnd implements AuthenticationSuccessHandler, AuthenticationFailureHandler {

    /** Where people log in. */
    static final String PAGE = "/login";

    private static final String PROBLEM = LoginEnd.class.getName() + ".problem";

    /** Errors of Spring Security, which has no names for them that others see. */
    private static final String NOT_BEGUN = "authorization_request_not_found";

    private static final String OTHER_STATE = "invalid_state_parameter";

    private static final Logger LOG = LoggerFactory.getLogger(LoginEnd.class);
    private static final String NEXT = LoginEnd.class.getName() + ".next";

    /** A path of this site: behind two slashes, or what browsers take for one, would be another. */
    private static final Pattern PATH =
            Pattern.compile("/(?![/\\\\])[\\x21-\\x5b\\x5d-\\x7e]{0,1000}");

    private final Admission admission;
    private final InstantSource clock;

    LoginEnd(Admission admission, InstantSource clock) {
        this.admission = admission;
        this.clock = clock;
    }

    /** Has somebody led to a page who has just come back from the provider. */
    static void leadTo(HttpServletRequest request, @Nullable String next) {
        request.setAttribute(NEXT, path(next));
    }

    /** Why a page to log in is shown once more, if it is. */
    public static @Nullable String problemOf(HttpServletRequest request) {
        return (String) request.getAttribute(PROBLEM);
    }

    @Override
    public void onAuthenticationSuccess(
            HttpServletRequest request, HttpServletResponse response, Authentication person)
            throws IOException {
        HttpSession session = request.getSession();
        session.setAttribute(Visitors.SINCE, clock.instant());
        admission
                .access()
                .ifPresent(it ->
                        session.setMaxInactiveInterval(Math.toIntExact(it.session().toSeconds())));
        LOG.info(
                "{} has logged in from {}",
                shown(person),
                Printable.cut(admission.addressOf(request), 80));
        response.sendRedirect(nextOf(request));
    }

    /** By the name that the log of events has, and by what the provider knows them by for good. */
    private static String shown(Authentication person) {
        return person.getPrincipal() instanceof ProviderUser user
                ? "%s (%s at the provider)"
                        .formatted(Printable.of(user.person().name()), Printable.of(user.getName()))
                : Printable.of(person.getName());
    }

    /** Where a page of this site is that somebody names, or the first page. */
    public static String path(@Nullable String next) {
        return next != null && PATH.matcher(next).matches() ? next : "/";
    }

    /** Where somebody goes on who logs in, now or by the page that is shown now. */
    public static String nextOf(HttpServletRequest request) {
        return path(
                request.getAttribute(NEXT) instanceof String kept
                        ? kept
                        : request.getParameter("next"));
    }

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException, ServletException {
        String name = request.getParameter("name");
        LOG.info(
                "somebody could not log in{} from {}: {}",
                name == null ? "" : " as " + Printable.cut(name, 80),
                Printable.cut(admission.addressOf(request), 80),
                Printable.of(String.valueOf(e.getMessage())));
        HttpStatus status = HttpStatus.UNAUTHORIZED;
        String problem;
        switch (e) {
            case TooManyAttemptsException many -> {
                status = HttpStatus.TOO_MANY_REQUESTS;
                response.setHeader(
                        HttpHeaders.RETRY_AFTER, Long.toString(many.after().toSeconds()));
                problem = String.valueOf(many.getMessage());
            }
            case OAuth2AuthenticationException refused -> {
                status = isAway(refused) ? HttpStatus.SERVICE_UNAVAILABLE : status;
                problem = problem(refused);
            }
            case AuthenticationServiceException _ -> {
                status = HttpStatus.SERVICE_UNAVAILABLE;
                problem = "this master can't look at its users now; its log tells why";
            }
            case AuthenticationCredentialsNotFoundException misplaced -> {
                status = HttpStatus.BAD_REQUEST;
                problem = String.valueOf(misplaced.getMessage());
            }
            case BadCredentialsException _ -> problem = "there is no such name with this password";
            default -> problem = String.valueOf(e.getMessage());
        }
        tell(request, response, status, problem);
    }

    /** Of who can't even be sent to the provider. */
    void onNotBegun(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException, ServletException {
        if (e.getCause() instanceof OAuth2AuthenticationException refused) {
            onAuthenticationFailure(request, response, refused);
        } else {
            tell(
                    request,
                    response,
                    HttpStatus.NOT_FOUND,
                    "there is no such provider by which people log in");
        }
    }

    private static void tell(
            HttpServletRequest request,
            HttpServletResponse response,
            HttpStatus status,
            String problem)
            throws IOException, ServletException {
        response.setStatus(status.value());
        request.setAttribute(PROBLEM, problem);
        showPage(request, response);
    }

    /** Answers what was sent with the page on which people log in. */
    static void showPage(HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        request.getRequestDispatcher(PAGE).forward(new PageAgain(request), response);
    }

    /** Has the page shown once more; as it was sent, it would be taken for another attempt. */
    private static final class PageAgain extends HttpServletRequestWrapper {

        private PageAgain(HttpServletRequest sent) {
            super(sent);
        }

        @Override
        public String getMethod() {
            return HttpMethod.GET.name();
        }
    }

    private static boolean isAway(OAuth2AuthenticationException e) {
        for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return true;
            }
        }
        return e.getError().getErrorCode().equals(ProviderLogin.AWAY);
    }

    /** What a person can do; what else is wrong is for who reads the log. */
    private static String problem(OAuth2AuthenticationException e) {
        return switch (e.getError().getErrorCode()) {
            case ProviderLogin.AWAY, ProviderLogin.USER_REFUSED -> String.valueOf(e.getMessage());
            case NOT_BEGUN, OTHER_STATE ->
                    "this login was not begun in this browser, or too long ago: log in once more";
            case OAuth2ErrorCodes.ACCESS_DENIED -> "the provider has let nobody in";
            default ->
                    isAway(e)
                            ? "the provider by which people log in does not answer: try again in a moment"
                            : "what the provider says of you can't be relied on, and the log of this master tells why: log in once more, or ask who configures this cluster";
        };
    }
}
