package io.buildledger.scheduler.admitting;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.logout.LogoutSuccessHandler;

/**
 * Leads people on who have logged out: to where they log in, and who came from a provider can go
 * there to log out of all that it is for.
 */
public final class LogoutEnd implements LogoutSuccessHandler {

    private static final String ELSEWHERE = LogoutEnd.class.getName() + ".elsewhere";

    private final ProviderLogin provider;

    LogoutEnd(ProviderLogin provider) {
        this.provider = provider;
    }

    /** The address at which who has just logged out here can log out at the provider, if any. */
    public static @Nullable String elsewhere(HttpServletRequest request) {
        return (String) request.getAttribute(ELSEWHERE);
    }

    @Override
    public void onLogoutSuccess(
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable Authentication former)
            throws IOException, ServletException {
        String elsewhere =
                former != null && former.getPrincipal() instanceof ProviderUser user
                        ? provider.addressToLeave(user)
                        : null;
        if (elsewhere == null) {
            response.sendRedirect(LoginEnd.PAGE);
            return;
        }
        // The address tells who they were.
        response.setHeader(HttpHeaders.CACHE_CONTROL, CacheControl.noStore().getHeaderValue());
        request.setAttribute(ELSEWHERE, elsewhere);
        LoginEnd.showPage(request, response);
    }
}
