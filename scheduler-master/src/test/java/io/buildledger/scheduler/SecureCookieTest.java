package io.buildledger.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.serving.ServedLog;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class SecureCookieTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {url: "https://ci.example.org"} | true
                    {url: "http://ci.example.org"}  | false
                    {port: 8010}                    | false
                    """)
    void a_session_is_shown_over_tls_alone_where_people_come_by_it(String web, boolean secure) {
        assertThat(
                        SchedulerMaster.properties(
                                ServedLog.file("web: " + web + "\n").configuration().web()))
                .containsEntry("server.servlet.session.cookie.secure", secure);
    }
}
