package io.buildledger.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * A type of somebody else's, as a section of the documentation shows it.
 *
 * @param file within {@code docs}
 */
public record DocumentedType(String file, String section) {

    private static final Pattern BLOCK =
            Pattern.compile("\n```(\\w*)\n(.*?)\n```\n", Pattern.DOTALL);

    /** The first block of a language in the section. */
    public String block(String language) throws IOException {
        String text =
                Files.readString(Path.of("..", "docs", file)).split("\n## " + section + "\n", 2)[1];
        return BLOCK.matcher(text)
                .results()
                .filter(block -> block.group(1).equals(language))
                .findFirst()
                .orElseThrow()
                .group(2);
    }

    /** Compiles a source against what the tests have. */
    public static void compile(Path source, Path classes) {
        assertThat(
                        ToolProvider.getSystemJavaCompiler()
                                .run(
                                        null,
                                        null,
                                        null,
                                        "-proc:none",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        "-d",
                                        classes.toString(),
                                        source.toString()))
                .isZero();
    }
}
