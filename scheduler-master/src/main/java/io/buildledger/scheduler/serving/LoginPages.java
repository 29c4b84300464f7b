package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.scheduler.admitting.LoginEnd;
import io.buildledger.scheduler.admitting.ProviderLogin;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RequestParam;

/** The page on which people log in. What they send from there Spring Security takes. */
@Pages
class LoginPages {

    private final Admission admission;
    private final ProviderLogin provider;

    LoginPages(Admission admission, ProviderLogin provider) {
        this.admission = admission;
        this.provider = provider;
    }

    /**
     * Also shows once more, with what was wrong, what somebody has sent.
     *
     * @param next path of the page to which people are led then
     */
    @RequestMapping(
            path = "/login",
            method = {RequestMethod.GET, RequestMethod.POST})
    String login(
            @RequestParam(name = "next", required = false) @Nullable String next,
            Asker asker,
            HttpServletRequest request,
            Model model) {
        model.addAttribute("next", LoginEnd.path(next));
        model.addAttribute("loginProblem", LoginEnd.problemOf(request));
        model.addAttribute("hasPasswords", admission.hasPasswords());
        model.addAttribute("provider", admission.provider().orElse(null));
        model.addAttribute("isOpen", admission.isOpen());
        model.addAttribute("person", asker.name());
        return "login";
    }

    @GetMapping("/login/provider")
    String provider(
            @RequestParam(name = "next", required = false) @Nullable String next,
            HttpServletRequest request) {
        String address = provider.address();
        LoginEnd.leadTo(request, next);
        return "redirect:" + address;
    }

    /** Where somebody logs in who is to come back to a page. */
    static String pathFor(@Nullable String page) {
        return "/login?next=" + TurnedAway.encoded(LoginEnd.path(pathOf(page)));
    }

    private static @Nullable String pathOf(@Nullable String page) {
        try {
            return page == null ? null : URI.create(page).getRawPath();
        } catch (IllegalArgumentException e) {
            // No page of ours has such an address.
            return null;
        }
    }
}
