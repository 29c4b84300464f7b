package io.buildledger.scheduler.serving;

import io.buildledger.scheduler.admitting.Admission;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Says so where there is nothing; before Spring's own, which tells people in JSON. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@ControllerAdvice
class UnknownAddresses {

    private final Admission admission;

    UnknownAddresses(Admission admission) {
        this.admission = admission;
    }

    /** A page, or an answer for programs. */
    @ExceptionHandler
    Object nothingThere(
            NoResourceFoundException e, HttpServletRequest request, HttpServletResponse response) {
        Unanswered answer = Unanswered.of(request.getRequestURI(), HttpStatus.NOT_FOUND);
        if (answer.isPage()) {
            // It has the visitor's name, whatever the address seems to be one of.
            response.setHeader(HttpHeaders.CACHE_CONTROL, "private, no-cache");
            return new ModelAndView(
                    "problem",
                    Map.of(
                            "problem",
                            new Problem(
                                    HttpStatus.NOT_FOUND,
                                    "There is no page at this address, or it has moved: look for what you want above."),
                            "visitor",
                            Visitor.of(admission.asker(), null)),
                    HttpStatus.NOT_FOUND);
        }
        return ResponseEntity.status(HttpStatus.NOT_FOUND)
                .contentType(new MediaType(answer.type(), StandardCharsets.UTF_8))
                .body(answer.body().getBytes(StandardCharsets.UTF_8));
    }
}
