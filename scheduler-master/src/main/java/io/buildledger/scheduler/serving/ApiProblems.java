package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.scheduler.admitting.NotAllowedException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/**
 * Problems as problem details (RFC 9457); before Spring's own, which don't name the field first.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(
        assignableTypes = {
            ApiController.class,
            ArtifactController.class,
            AuditController.class,
            BadgeController.class,
            BuildController.class,
            CommandController.class,
            ExplainController.class,
            FeedController.class,
            LiveController.class,
            LockController.class,
            SchedulerController.class,
            StateController.class,
            WhatIfController.class,
            WorkerController.class
        })
class ApiProblems {

    @ExceptionHandler
    ProblemDetail notThere(NotThereException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> notAllowed(NotAllowedException e) {
        Problem problem = Problem.of(e);
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(problem.status());
        if (problem.status() == HttpStatus.UNAUTHORIZED) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return answer.body(detail(problem));
    }

    @ExceptionHandler
    ProblemDetail badParameter(BadParameterException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ProblemDetail tooLate(TooLateException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> tooMany(TooManyAtOnceException e) {
        Problem problem = Problem.of(e);
        ResponseEntity.BodyBuilder answer = ResponseEntity.status(problem.status());
        if (e.after() != null) {
            answer.header(HttpHeaders.RETRY_AFTER, Long.toString(e.after().toSeconds()));
        }
        return answer.body(detail(problem));
    }

    @ExceptionHandler
    ProblemDetail newer(NewerProgramException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ProblemDetail notANumber(MethodArgumentTypeMismatchException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ProblemDetail notText(InvalidParameterException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ProblemDetail archive(UnusableArchiveException e) {
        return detail(Problem.of(e));
    }

    @ExceptionHandler
    ProblemDetail unusable(UnusableDatabaseException e) {
        return detail(Problem.away(e));
    }

    @ExceptionHandler
    ProblemDetail database(DataAccessException e) {
        return detail(Problem.of(e));
    }

    /** A transaction fails in more ways than a question. */
    @ExceptionHandler
    ProblemDetail failed(RuntimeException e) {
        if (!DatabaseTrouble.isTransient(e)) {
            throw e;
        }
        return detail(Problem.away(e));
    }

    private static ProblemDetail detail(Problem problem) {
        return ProblemDetail.forStatusAndDetail(problem.status(), problem.message());
    }
}
