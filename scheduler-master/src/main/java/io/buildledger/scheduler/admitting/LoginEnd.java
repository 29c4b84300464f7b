package io.buildledger.scheduler.admitting;

import io.buildledger.showing.Printable;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.InstantSource;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;

/** Leads people on who have logged in, and tells others why they have not. */
public final class LoginEnd implements AuthenticationSuccessHandler, AuthenticationFailureHandler {

    private static final String PROBLEM = LoginEnd.class.getName() + ".problem";

    private static final Logger LOG = LoggerFactory.getLogger(LoginEnd.class);
    private static final String NEXT = LoginEnd.class.getName() + ".next";

    /** A path of this site: behind two slashes, or what browsers take for one, would be another. */
    private static final Pattern PATH = Pattern.compile("/(?![/\\\\])[\\x21-\\x5b\\x5d-\\x7e]*");

    private final Admission admission;
    private final InstantSource clock;

    LoginEnd(Admission admission, InstantSource clock) {
        this.admission = admission;
        this.clock = clock;
    }

    /** Has somebody led to a page when they come back from the provider. */
    public static void leadTo(HttpServletRequest request, @Nullable String next) {
        request.getSession().setAttribute(NEXT, path(next));
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
                Printable.of(person.getName()),
                request.getRemoteAddr());
        Object kept = session.getAttribute(NEXT);
        session.removeAttribute(NEXT);
        response.sendRedirect(
                path(kept instanceof String text ? text : request.getParameter("next")));
    }

    /** Where a page of this site is that somebody names, or the first page. */
    public static String path(@Nullable String next) {
        return next != null && PATH.matcher(next).matches() ? next : "/";
    }

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
            throws IOException, ServletException {
        LOG.info(
                "somebody could not log in from {}: {}",
                request.getRemoteAddr(),
                Printable.of(String.valueOf(e.getMessage())));
        HttpStatus status = HttpStatus.UNAUTHORIZED;
        String problem;
        switch (e) {
            case TooManyAttemptsException many -> {
                status = HttpStatus.TOO_MANY_REQUESTS;
                response.setHeader(
                        HttpHeaders.RETRY_AFTER, Long.toString(LoginAttempts.WHILE.toSeconds()));
                problem = String.valueOf(many.getMessage());
            }
            case BadCredentialsException _ -> problem = "there is no such name with this password";
            default -> problem = String.valueOf(e.getMessage());
        }
        response.setStatus(status.value());
        request.setAttribute(PROBLEM, problem);
        request.getRequestDispatcher("/login").forward(request, response);
    }
}
