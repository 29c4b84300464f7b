package io.buildledger.scheduler.serving;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Says so where there is nothing; before Spring's own, which tells people in JSON. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice
class UnknownAddresses {

    @ExceptionHandler
    ResponseEntity<byte[]> nothingThere(NoResourceFoundException e, HttpServletRequest request) {
        Unanswered answer = Unanswered.of(request.getRequestURI(), HttpStatus.NOT_FOUND);
        return ResponseEntity.status(HttpStatus.NOT_FOUND)
                .contentType(new MediaType(answer.type(), StandardCharsets.UTF_8))
                .body(answer.body().getBytes(StandardCharsets.UTF_8));
    }
}
