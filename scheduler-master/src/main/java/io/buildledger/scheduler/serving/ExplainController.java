package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.explaining.Explanations;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Why something has come of a change or a request, or has not. */
@RestController
@RequestMapping("/api")
class ExplainController {

    private final Explanations explanations;

    ExplainController(Explanations explanations) {
        this.explanations = explanations;
    }

    @GetMapping("/changes/{id}/explain")
    Explanations.OfChange change(@PathVariable("id") long id) {
        return explanations
                .ofChange(id)
                .orElseThrow(() -> new NotThereException("there is no change " + id));
    }

    @GetMapping("/requests/{id}/explain")
    Explanations.OfRequest request(@PathVariable("id") long id) {
        return explanations
                .ofRequest(id)
                .orElseThrow(() -> new NotThereException("there is no request " + id));
    }
}
