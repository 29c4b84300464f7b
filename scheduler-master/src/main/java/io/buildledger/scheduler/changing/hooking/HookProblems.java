package io.buildledger.scheduler.changing.hooking;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.scheduler.changing.InvalidChangeException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Why a delivery was not taken, as problem details (RFC 9457) that begin with the field. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(
        assignableTypes = {
            BaseHookController.class,
            ForgeHookController.class,
            PollerHookController.class
        })
class HookProblems {

    private static final Logger LOG = LoggerFactory.getLogger(HookProblems.class);

    @ExceptionHandler
    ProblemDetail invalid(InvalidChangeException problem) {
        return ProblemDetail.forStatusAndDetail(
                problem.isTooLarge() ? HttpStatus.CONTENT_TOO_LARGE : HttpStatus.BAD_REQUEST,
                String.valueOf(problem.getMessage()));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> refused(HookRefusedException refusal) {
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(refusal.status());
        if (refusal.challenge() != null) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, refusal.challenge());
        }
        if (refusal.after() != null) {
            answer.header(HttpHeaders.RETRY_AFTER, Long.toString(refusal.after().toSeconds()));
        }
        return answer.body(
                ProblemDetail.forStatusAndDetail(
                        refusal.status(), String.valueOf(refusal.getMessage())));
    }

    @ExceptionHandler
    ProblemDetail cutOff(IOException failure) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.BAD_REQUEST, "body: did not arrive as a whole: send it again");
    }

    @ExceptionHandler
    ProblemDetail stopping(InterruptedException interrupted) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE, "this master stops; send the change again");
    }

    @ExceptionHandler
    ProblemDetail databaseAway(RuntimeException failure) {
        if (!DatabaseTrouble.isTransient(failure)) {
            throw failure;
        }
        LOG.warn(
                "the database did not answer, so a change was sent back: {}",
                DatabaseTrouble.reason(failure));
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE,
                "the database does not answer; send the change again when it is back");
    }
}
