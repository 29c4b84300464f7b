package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProblemTest {

    @Test
    void a_database_that_is_away_will_be_back() {
        Problem problem =
                Problem.of(
                        new CannotGetJdbcConnectionException(
                                "no", new SQLException("refused", "08001")));

        assertThat(problem.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
    }

    @Test
    void a_question_that_the_database_does_not_understand_is_no_outage() {
        Problem problem =
                Problem.of(
                        new BadSqlGrammarException(
                                "changes",
                                "SELECT",
                                new SQLSyntaxErrorException("no such column", "42S22")));

        assertThat(problem.status()).isEqualTo(HttpStatus.INTERNAL_SERVER_ERROR);
        assertThat(problem.message())
                .isEqualTo("this master can't read its database; its log tells why");
    }
}
