package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What the templates of all pages can name. */
@ControllerAdvice(annotations = Pages.class)
class PageModel {

    private static final Pattern PLACE = Pattern.compile("^/([^/]*).*$", Pattern.DOTALL);

    private final Shown shown = new Shown();
    private final Admission admission;

    PageModel(Admission admission) {
        this.admission = admission;
    }

    @ModelAttribute("shown")
    Shown shown() {
        return shown;
    }

    /** The first name in the page's address. */
    @ModelAttribute("place")
    String place(HttpServletRequest request) {
        return PLACE.matcher(request.getRequestURI()).replaceFirst("$1");
    }

    @ModelAttribute("visitor")
    Visitor visitor(HttpServletRequest request) {
        return Visitor.of(admission.asker(), TurnedAway.addressOf(request));
    }
}
