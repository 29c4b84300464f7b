package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/**
 * Problems in the shapes that Buildbot's clients look for: an object with an {@code error}, which
 * is a sentence for who reads, and what JSON-RPC says that it is for who calls.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(basePackageClasses = BuildbotProblems.class)
class BuildbotProblems {

    private static final Logger LOG = LoggerFactory.getLogger(BuildbotProblems.class);

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> notThere(
            NotThereException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> badParameter(
            BadParameterException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> notText(
            InvalidParameterException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    /** Who wants no JSON gets it where it says so. */
    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> notAcceptable(
            HttpMediaTypeNotAcceptableException e, HttpServletRequest request) {
        return error(
                request,
                new Problem(
                        HttpStatus.NOT_ACCEPTABLE,
                        "Accept: there is application/json, and nothing else"));
    }

    /** A part of the path that is no number: there is no such path. */
    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> notANumber(
            MethodArgumentTypeMismatchException e, HttpServletRequest request) {
        return error(request, new Problem(HttpStatus.NOT_FOUND, Problem.of(e).message()));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> newer(
            NewerProgramException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> archive(
            UnusableArchiveException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> unusable(
            UnusableDatabaseException e, HttpServletRequest request) {
        return error(request, Problem.away(e));
    }

    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> database(
            DataAccessException e, HttpServletRequest request) {
        return error(request, Problem.of(e));
    }

    /** The database may be away in more ways; all else is a mistake of this program. */
    @ExceptionHandler
    ResponseEntity<? extends Map<String, ?>> failed(
            RuntimeException e, HttpServletRequest request) {
        if (DatabaseTrouble.isTransient(e)) {
            return error(request, Problem.away(e));
        }
        LOG.error("a question could not be answered", e);
        return error(
                request,
                new Problem(
                        HttpStatus.INTERNAL_SERVER_ERROR,
                        "this master can't answer that; its log tells why"));
    }

    private static ResponseEntity<? extends Map<String, ?>> error(
            HttpServletRequest request, Problem problem) {
        return HttpMethod.POST.matches(request.getMethod())
                ? RemoteCall.error(request, problem)
                : ResponseEntity.status(problem.status())
                        .contentType(MediaType.APPLICATION_JSON)
                        .body(Map.of("error", problem.message()));
    }
}
