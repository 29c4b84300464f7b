package io.buildledger.scheduler.serving;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.database.UnusableDatabaseException;
import io.buildledger.log.NewerProgramException;
import io.buildledger.log.UnusableArchiveException;
import io.buildledger.scheduler.admitting.Admission;
import io.buildledger.scheduler.admitting.NotAllowedException;
import io.buildledger.scheduler.admitting.ProviderAwayException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.ModelAndView;

/** Problems as a page; before Spring's own, which are for programs. */
@Order(Ordered.HIGHEST_PRECEDENCE)
@ControllerAdvice(annotations = Pages.class)
class PageProblems {

    private final Admission admission;

    PageProblems(Admission admission) {
        this.admission = admission;
    }

    @ExceptionHandler
    ModelAndView notThere(NotThereException e) {
        return page(Problem.of(e));
    }

    /** Of what was sent there is no page to come back to; where its form stands there is one. */
    @ExceptionHandler
    ModelAndView notAllowed(NotAllowedException e, HttpServletRequest request) {
        return page(Problem.of(e), request.getHeader(HttpHeaders.REFERER));
    }

    @ExceptionHandler
    ModelAndView providerAway(ProviderAwayException e) {
        return page(new Problem(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage())));
    }

    @ExceptionHandler
    ModelAndView tooLate(TooLateException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView tooMany(TooManyAtOnceException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView newer(NewerProgramException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView notANumber(MethodArgumentTypeMismatchException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView notText(InvalidParameterException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView badParameter(BadParameterException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView archive(UnusableArchiveException e) {
        return page(Problem.of(e));
    }

    @ExceptionHandler
    ModelAndView unusable(UnusableDatabaseException e) {
        return page(Problem.away(e));
    }

    @ExceptionHandler
    ModelAndView database(DataAccessException e) {
        return page(Problem.of(e));
    }

    /** A transaction fails in more ways than a question. */
    @ExceptionHandler
    ModelAndView failed(RuntimeException e) {
        if (!DatabaseTrouble.isTransient(e)) {
            throw e;
        }
        return page(Problem.away(e));
    }

    private ModelAndView page(Problem problem) {
        return page(problem, null);
    }

    private ModelAndView page(Problem problem, @Nullable String from) {
        return new ModelAndView(
                "problem",
                Map.of("problem", problem, "visitor", Visitor.of(admission.asker(), from)),
                problem.status());
    }
}
