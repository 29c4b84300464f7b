package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.NotThereException;
import io.buildledger.scheduler.serving.Problem;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Problems in the shape that Buildbot's clients look for: an object with an {@code error}. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@RestControllerAdvice(basePackageClasses = BuildbotProblems.class)
class BuildbotProblems {

    private static final Logger LOG = LoggerFactory.getLogger(BuildbotProblems.class);

    @ExceptionHandler
    ResponseEntity<Map<String, String>> notThere(NotThereException e) {
        return error(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> badParameter(BadParameterException e) {
        return error(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> notText(InvalidParameterException e) {
        return error(Problem.of(e));
    }

    /** Who wants no JSON gets it where it says so. */
    @ExceptionHandler
    ResponseEntity<Map<String, String>> notAcceptable(HttpMediaTypeNotAcceptableException e) {
        return error(
                new Problem(
                        HttpStatus.NOT_ACCEPTABLE,
                        "Accept: there is application/json, and nothing else"));
    }

    /** A part of the path that is no number: there is no such path. */
    @ExceptionHandler
    ResponseEntity<Map<String, String>> notANumber(MethodArgumentTypeMismatchException e) {
        return error(new Problem(HttpStatus.NOT_FOUND, Problem.of(e).message()));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> newer(NewerProgramException e) {
        return error(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> archive(UnusableArchiveException e) {
        return error(Problem.of(e));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> unusable(UnusableDatabaseException e) {
        return error(Problem.away(e));
    }

    @ExceptionHandler
    ResponseEntity<Map<String, String>> database(DataAccessException e) {
        return error(Problem.of(e));
    }

    /** The database may be away in more ways; all else is a mistake of this program. */
    @ExceptionHandler
    ResponseEntity<Map<String, String>> failed(RuntimeException e) {
        if (DatabaseTrouble.isTransient(e)) {
            return error(Problem.away(e));
        }
        LOG.error("a question could not be answered", e);
        return error(
                new Problem(
                        HttpStatus.INTERNAL_SERVER_ERROR,
                        "this master can't answer that; its log tells why"));
    }

    private static ResponseEntity<Map<String, String>> error(Problem problem) {
        return ResponseEntity.status(problem.status())
                .contentType(MediaType.APPLICATION_JSON)
                .body(Map.of("error", problem.message()));
    }
}
