package io.buildledger.configuring;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.configuring.FactoryTypes.Found;
import io.buildledger.stepping.Step;
import io.buildledger.stepping.StepEnd;
import io.buildledger.stepping.StepRun;
import io.buildledger.stepping.StepType;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepTypesTest {

    private static final String NAME = StepTypesTest.class.getName();

    @TempDir Path jar;

    @StepType("greet")
    record Greeting(String whom) implements Step {
        @Override
        public StepEnd run(StepRun run) {
            return StepEnd.succeeded("greeted " + whom);
        }
    }

    @StepType("shell")
    record OtherShell() implements Step {
        @Override
        public StepEnd run(StepRun run) {
            return StepEnd.succeeded("");
        }
    }

    record WithoutType() implements Step {
        @Override
        public StepEnd run(StepRun run) {
            return StepEnd.succeeded("");
        }
    }

    @StepType("object")
    static final class NoRecord implements Step {
        @Override
        public StepEnd run(StepRun run) {
            return StepEnd.succeeded("");
        }
    }

    /** With a jar beside our own that names a class. */
    private Found<Step> found(String className) throws IOException {
        Path factories =
                Files.createDirectories(jar.resolve("META-INF")).resolve("spring.factories");
        Files.writeString(factories, Step.class.getName() + "=" + className + "\n");
        try (URLClassLoader loader =
                new URLClassLoader(
                        new URL[] {jar.toUri().toURL()}, StepTypesTest.class.getClassLoader())) {
            return StepTypes.in(loader);
        }
    }

    @Test
    void a_type_of_another_jar_is_found_beside_our_own() throws IOException {
        Found<Step> found = found(NAME + "$Greeting");

        assertThat(found.problem()).isNull();
        assertThat(found.types()).containsEntry("greet", Greeting.class).containsKey("shell");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "org.example.Nothing | names org.example.Nothing, which is no class of a step",
                "java.lang.String    | names java.lang.String, which is no class of a step",
                "$WithoutType        | lacks @StepType",
                "$NoRecord           | is no record",
                "$OtherShell         | are both the step type 'shell'"
            })
    void a_jar_that_can_t_be_used_is_told(String className, String told) throws IOException {
        Found<Step> found = found(className.startsWith("$") ? NAME + className : className);

        assertThat(found.problem()).contains(told);
        assertThat(found.types()).isEmpty();
    }
}
