package io.buildledger.scheduler.serving;

import io.buildledger.configuring.Access.Act;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.scheduler.admitting.Asker;
import io.buildledger.viewing.Views;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;

/** The page of masters, on which they are drained. */
@Pages
class MasterPages {

    private final MasterRegistry registry;
    private final Views views;
    private final ShownLags lags;
    private final Author author;
    private final LivePages live;

    MasterPages(
            MasterRegistry registry, Views views, ShownLags lags, Author author, LivePages live) {
        this.registry = registry;
        this.views = views;
        this.lags = lags;
        this.author = author;
        this.live = live;
    }

    @GetMapping("/masters")
    String masters(Model model) {
        live.begin(model);
        list(model);
        return "masters";
    }

    @GetMapping("/masters/now")
    String list(Model model) {
        model.addAttribute("masters", views.masters());
        lags.addReads(model);
        return "masters :: list";
    }

    /** Where its form is: an address that was sent to is gone to, too. */
    @GetMapping({"/masters/{name}/drain", "/masters/{name}/undrain"})
    String form() {
        return "redirect:/masters";
    }

    @PostMapping("/masters/{name}/drain")
    String drain(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        return answer(
                name,
                registry.drain(
                        author, name, false, AskedBy.nameOf(request, asker.require(Act.DRAIN))));
    }

    @PostMapping("/masters/{name}/undrain")
    String undrain(@PathVariable("name") String name, Asker asker, HttpServletRequest request)
            throws IOException {
        return answer(
                name,
                registry.undrain(author, name, AskedBy.nameOf(request, asker.require(Act.DRAIN))));
    }

    private static String answer(String name, MasterRegistry.Answer answer) {
        return switch (answer) {
            case DONE, NO_CHANGE -> "redirect:/masters";
            case NOT_LIVING ->
                    throw new NotThereException("There is no living master %s.".formatted(name));
        };
    }
}
