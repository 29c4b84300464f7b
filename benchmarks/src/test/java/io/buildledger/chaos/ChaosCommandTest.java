package io.buildledger.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ChaosCommandTest {

    @ParameterizedTest
    @CsvSource({
        "--requests 0, --requests",
        "--masters 1, another to go on with it",
        "--faults kill;flood, there is no flood",
        "--outage 0, --outage is at least 1",
        "--user u, --db-url",
        "--db-url jdbc:mysql://h/, --password-file",
    })
    void misuse_is_told_with_what_would_be_right_before_anything_is_started(
            String options, String told) {
        StringWriter err = new StringWriter();
        CommandLine commandLine = ChaosCommand.commandLine().setErr(new PrintWriter(err));

        int status = commandLine.execute(options.replace(';', ',').split(" "));

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains(told);
    }
}
