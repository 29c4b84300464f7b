package io.buildledger.configuring;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The JSON Schema of the YAML file, with which an editor completes and explains its keys: {@code
 * docs/buildledger.schema.json}, which is made from the code that binds the file. Whatever file is
 * good is so by the schema too; what only {@link ConfigurationFile} finds is what belongs together,
 * such as names and ranges.
 */
public final class ConfigurationSchema {

    private ConfigurationSchema() {}

    /** The schema, as JSON. */
    public static String text() {
        try (InputStream schema =
                ConfigurationSchema.class.getResourceAsStream("/buildledger.schema.json")) {
            if (schema == null) {
                throw new IllegalStateException("this jar lacks buildledger.schema.json");
            }
            return new String(schema.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
