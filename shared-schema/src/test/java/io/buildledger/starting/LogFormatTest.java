package io.buildledger.starting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LogFormatTest {

    private final LoggerContext context = new LoggerContext();
    private final LogbackMDCAdapter ids = new LogbackMDCAdapter();

    private String line(String message, Throwable failure) {
        context.setMDCAdapter(ids);
        Logger logger = context.getLogger("io.buildledger.builder");
        return new String(
                LogFormat.jsonOf(new MasterIdentity("b1", "builder"), context)
                        .encode(
                                new LoggingEvent(
                                        "", logger, Level.WARN, message, failure, new Object[0])),
                StandardCharsets.UTF_8);
    }

    @Test
    void a_line_of_JSON_says_which_master_which_build_and_which_request() {
        ids.put("buildledger.request", "41");
        ids.put("buildledger.builder", "linux");
        ids.put("buildledger.build", "linux/12");

        String line = line("two \n lines, \"quoted\"", new IllegalStateException("no"));

        assertThat(line).endsWith("\n").hasLineCount(1);
        JsonNode json = new JsonMapper().readTree(line);
        assertThat(json.at("/message").asString()).isEqualTo("two \n lines, \"quoted\"");
        assertThat(json.at("/log/level").asString()).isEqualTo("WARN");
        assertThat(json.at("/log/logger").asString()).isEqualTo("io.buildledger.builder");
        assertThat(json.at("/process/pid").asLong()).isEqualTo(ProcessHandle.current().pid());
        assertThat(json.at("/service/name").asString()).isEqualTo("buildledger-builder-master");
        assertThat(json.at("/service/node/name").asString()).isEqualTo("b1");
        assertThat(json.at("/buildledger/request").asString()).isEqualTo("41");
        assertThat(json.at("/buildledger/builder").asString()).isEqualTo("linux");
        assertThat(json.at("/buildledger/build").asString()).isEqualTo("linux/12");
        assertThat(json.at("/error/message").asString()).isEqualTo("no");
        assertThat(json.at("/error/stack_trace").asString()).contains("LogFormatTest");
    }

    @Test
    void a_format_is_chosen_by_its_name() {
        MasterOptions options = new MasterOptions();

        new CommandLine(options).parseArgs("--config", "x", "--log-format", "json");

        assertThat(options.logFormat).isEqualTo(LogFormat.JSON);
        assertThatThrownBy(() ->
                        new CommandLine(new MasterOptions())
                                .parseArgs("--config", "x", "--log-format", "xml"))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining("'xml' is neither text nor json");
    }
}
