package io.buildledger.scheduler.serving;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where the container goes with what it, or a controller, could not answer. */
@RestController
class UnansweredController implements ErrorController {

    @RequestMapping("/error")
    ResponseEntity<byte[]> error(HttpServletRequest request) {
        Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        // Who comes here by himself has found nothing.
        HttpStatus status =
                code instanceof Integer number ? Unanswered.status(number) : HttpStatus.NOT_FOUND;
        Unanswered answer =
                Unanswered.of(
                        (String) request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI), status);
        return ResponseEntity.status(status)
                .contentType(new MediaType(answer.type(), StandardCharsets.UTF_8))
                .body(answer.body().getBytes(StandardCharsets.UTF_8));
    }
}
