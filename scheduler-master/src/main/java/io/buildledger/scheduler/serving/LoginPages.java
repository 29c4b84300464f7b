package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.LoginEnd;
import io.buildledger.scheduler.admitting.LogoutEnd;
import io.buildledger.scheduler.admitting.ProviderLogin;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The page on which people log in. What they send from there Spring Security takes. */
@Pages
class LoginPages {

    private static final String LOGIN = "/login";

    private final Admission admission;
    private final ProviderLogin provider;

    LoginPages(Admission admission, ProviderLogin provider) {
        this.admission = admission;
        this.provider = provider;
    }

    /**
     * Also shows once more, with what was wrong, what somebody has sent. The page to which people
     * are led then is {@code next}.
     */
    @GetMapping(LOGIN)
    String login(Asker asker, HttpServletRequest request, Model model) {
        model.addAttribute("next", LoginEnd.nextOf(request));
        model.addAttribute("loginProblem", LoginEnd.problemOf(request));
        model.addAttribute("hasPasswords", admission.hasPasswords());
        model.addAttribute("provider", admission.provider().orElse(null));
        model.addAttribute("isOpen", admission.isOpen());
        model.addAttribute("person", asker.name());
        model.addAttribute("elsewhere", LogoutEnd.elsewhere(request));
        return "login";
    }

    @GetMapping(LOGIN + "/provider")
    String provider(@RequestParam(name = "next", required = false) @Nullable String next) {
        if (admission.provider().isEmpty()) {
            throw new NotThereException(
                    "The configuration of this master has no provider to log in at.");
        }
        return "redirect:"
                + provider.address()
                + "?next="
                + TurnedAway.encoded(LoginEnd.path(next));
    }

    /** Where somebody logs in who is to come back to a page. */
    static String pathFor(@Nullable String page) {
        return LOGIN + "?next=" + TurnedAway.encoded(LoginEnd.path(pathOf(page)));
    }

    /** Path and query of a page; nothing of one to which nobody wants to come back. */
    private static @Nullable String pathOf(@Nullable String page) {
        try {
            URI uri = URI.create(page == null ? "" : page);
            String path = uri.getRawPath();
            return path == null || path.equals(LOGIN) || path.startsWith(LOGIN + "/")
                    ? null
                    : path + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
        } catch (IllegalArgumentException e) {
            // No page of ours has such an address.
            return null;
        }
    }
}
