package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.scheduler.admitting.NotAllowedException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Why a question has no answer, for a person. */
public record Problem(HttpStatus status, String message) {

    private static final Logger LOG = LoggerFactory.getLogger(Problem.class);

    public static Problem of(NotThereException e) {
        return new Problem(HttpStatus.NOT_FOUND, String.valueOf(e.getMessage()));
    }

    public static Problem of(NotAllowedException e) {
        return new Problem(
                e.isLoggedIn() ? HttpStatus.FORBIDDEN : HttpStatus.UNAUTHORIZED,
                String.valueOf(e.getMessage()));
    }

    public static Problem of(BadParameterException e) {
        return new Problem(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }

    public static Problem of(TooLateException e) {
        return new Problem(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    }

    static Problem of(TooManyAtOnceException e) {
        return new Problem(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }

    public static Problem of(NewerProgramException e) {
        return new Problem(HttpStatus.CONFLICT, String.valueOf(e.getMessage()));
    }

    /** Of what was archived a file is missing, or is not what it was. */
    public static Problem of(UnusableArchiveException e) {
        LOG.error("{}", e.getMessage());
        return new Problem(HttpStatus.INTERNAL_SERVER_ERROR, String.valueOf(e.getMessage()));
    }

    public static Problem of(MethodArgumentTypeMismatchException e) {
        return new Problem(
                HttpStatus.BAD_REQUEST,
                "%s: '%s' is not a number".formatted(e.getName(), e.getValue()));
    }

    /** The container's word for a parameter that it can't decode. */
    public static Problem of(InvalidParameterException e) {
        return new Problem(
                HttpStatus.BAD_REQUEST, "a parameter is not encoded as UTF-8 is in an address");
    }

    public static Problem of(DataAccessException e) {
        if (!DatabaseTrouble.isTransient(e)) {
            LOG.error("a question to the database failed", e);
            return new Problem(
                    HttpStatus.INTERNAL_SERVER_ERROR,
                    "this master can't read its database; its log tells why");
        }
        return away(e);
    }

    /** The database was away, whatever wraps its failure. */
    public static Problem away(RuntimeException e) {
        LOG.warn("the database did not answer: {}", DatabaseTrouble.reason(e));
        return new Problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "the database does not answer; try again when it is back");
    }
}
