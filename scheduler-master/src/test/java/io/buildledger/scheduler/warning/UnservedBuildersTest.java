package io.buildledger.scheduler.warning;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.buildledger.log.Author;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class UnservedBuildersTest {

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final UnservedBuilders builders = new UnservedBuilders(registry);
    private final Logger logger = (Logger) LoggerFactory.getLogger(UnservedBuilders.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        test.close();
    }

    private Author register(String name, String builder) {
        return registry.register(
                new Registration(
                        name,
                        "builder",
                        "host",
                        1,
                        Duration.ofSeconds(30),
                        Map.of(builder, "f00d"),
                        null));
    }

    private List<String> linesOfALook() {
        lines.list.clear();
        builders.runOnce();
        assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.WARN);
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private void lookTellsNothing() {
        lines.list.clear();
        builders.runOnce();
        assertThat(lines.list).isEmpty();
    }

    @Test
    void one_line_is_told_when_a_builder_is_no_longer_served_and_one_when_it_is_again() {
        Author b1 = register("b1", "linux");
        story.fire(List.of(), "abc", "linux");
        story.fire(List.of(), "def", "linux");
        lookTellsNothing();

        registry.stop(b1);
        assertThat(linesOfALook())
                .singleElement()
                .asString()
                .startsWith(
                        "no living master claims for builder linux; requests that wait for it: 2 (");
        story.fire(List.of(), "ghi", "linux");
        lookTellsNothing();

        register("b2", "linux");
        assertThat(linesOfALook())
                .containsExactly("builder linux is served again, or nothing waits for it any more");
        lookTellsNothing();
    }

    @Test
    void a_builder_without_requests_is_nothing_to_warn_of() {
        registry.stop(register("b1", "linux"));
        story.fire(List.of(), "abc", "mac");
        assertThat(linesOfALook()).hasSize(1);

        test.commands.cancel(TestStory.SCHEDULER, 1, "ann", "");

        assertThat(linesOfALook()).singleElement().asString().contains("builder mac");
        lookTellsNothing();
    }

    @Test
    void each_builder_is_told_of_by_itself() {
        story.fire(List.of(), "abc", "mac");
        assertThat(linesOfALook()).hasSize(1);

        story.fire(List.of(), "abc", "win", "mac");

        assertThat(linesOfALook()).singleElement().asString().contains("builder win");
    }
}
