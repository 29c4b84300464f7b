package io.buildledger.scheduler.serving;

import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** What the templates of all pages can name. */
@ControllerAdvice(annotations = Pages.class)
class PageModel {

    private final Shown shown = new Shown();

    @ModelAttribute("shown")
    Shown shown() {
        return shown;
    }
}
